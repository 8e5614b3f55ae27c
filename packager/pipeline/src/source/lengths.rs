//! What was decoded, held against all that a file states of its own length.

/// The part of what a file holds that is heard, in samples per channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Samples before it: the encoder's priming.
    pub skip: u64,
    /// Its length, where it is stated.
    pub length: Option<u64>,
    /// Whether the file states that more than a part of the last frame lies behind it.
    pub stated: bool,
}

/// A statement of length, made by something else than the samples themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// What states it, in words for messages: `the LAME tag`.
    pub by: &'static str,
    /// Samples per channel of the sound.
    pub samples: u64,
    /// So many may be missing, or be there besides, since its writer counts in larger units.
    pub slack: u64,
}

/// Judges `there` samples per channel by every statement: a notice for each that states less, since all of it is
/// taken then.
///
/// # Errors
/// For the first that states more.
pub fn judge(there: u64, statements: &[Stated]) -> Result<Vec<String>, String> {
    let mut notices = Vec::new();
    for Stated { by, samples, slack } in statements {
        if there.saturating_add(*slack) < *samples {
            return Err(format!("the file ends after {there} of {samples} samples, the length by {by}"));
        }
        if there > samples.saturating_add(*slack) {
            notices.push(format!("all of its {there} samples are taken, though by {by} it has {samples}"));
        }
    }
    Ok(notices)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: Stated = Stated { by: "the LAME tag", samples: 10_000, slack: 1152 };

    #[test]
    fn every_statement_counts() {
        assert_eq!(judge(10_000, &[]), Ok(vec![]));
        let header = Stated { by: "the header", samples: 10_000, slack: 0 };
        for there in [10_000 - 1152, 10_000, 10_000 + 1152] {
            assert_eq!(judge(there, &[TAG]), Ok(vec![]), "{there}");
        }
        assert!(judge(10_000 - 1153, &[TAG]).is_err());
        assert_eq!(judge(10_000 + 1153, &[TAG]).map(|notices| notices.len()), Ok(1));
        let short = judge(9_999, &[TAG, header]).unwrap_err();
        assert_eq!(short, "the file ends after 9999 of 10000 samples, the length by the header");
    }
}
