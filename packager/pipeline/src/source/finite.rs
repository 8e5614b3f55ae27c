//! Samples that are no numbers, or infinite, which floating point allows: they are taken as silence, and counted.

/// How many there are, over all channels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotFinite {
    nan: u64,
    infinite: u64,
}

impl NotFinite {
    /// Counts those among `samples`.
    pub fn count(&mut self, samples: &[f32]) {
        for sample in samples.iter().filter(|sample| !sample.is_finite()) {
            if sample.is_nan() {
                self.nan += 1;
            } else {
                self.infinite += 1;
            }
        }
    }

    /// What the owner should know.
    pub fn notice(self) -> Option<String> {
        let Self { nan, infinite } = self;
        let all = match (nan, infinite) {
            (0, 0) => return None,
            (nan, 0) => format!("{nan} of its samples are no numbers (NaN)"),
            (0, infinite) => format!("{infinite} of its samples are infinite"),
            (nan, infinite) => {
                format!("{nan} of its samples are no numbers (NaN), and {infinite} are infinite")
            }
        };
        Some(format!("{all}: they are taken as silence"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_counted_for_itself() {
        let mut count = NotFinite::default();
        count.count(&[0.0, 1e30, -1.0]);
        assert_eq!(count.notice(), None);
        count.count(&[f32::NAN, f32::INFINITY, -f32::NAN, f32::NEG_INFINITY, f32::NAN]);
        assert_eq!(count, NotFinite { nan: 3, infinite: 2 });
        let notice = count.notice().unwrap();
        assert!(notice.starts_with("3 of its samples are no numbers (NaN), and 2 are infinite"), "{notice}");
    }
}
