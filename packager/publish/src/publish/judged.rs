//! What was packaged is judged before it counts: a presentation that breaks a MUST is not published.

use nada_catalog::{Presentation, PresentationKind, TrackId, multivariant};
use nada_check::{Observer, Severity};

use super::error::PublishError;

/// Judges the presentation by what was seen of its files.
///
/// # Errors
/// Where a MUST is broken, with the first of them.
pub(super) fn judge(
    track: &TrackId,
    seen: &Observer,
    presentation: &Presentation,
) -> Result<(), PublishError> {
    let broken = [PresentationKind::Aac, PresentationKind::Lossless]
        .into_iter()
        .filter_map(|kind| Some((kind.file(), multivariant(presentation, None, None, kind, "")?)))
        .flat_map(|(name, text)| seen.judge(name, &text))
        .filter(|found| found.severity() == Severity::Error);
    let broken: Vec<_> = broken.collect();
    match broken.first() {
        Some(first) => Err(PublishError::Invalid {
            track: track.clone(),
            rule: first.rule.id,
            finding: format!("{}: {}", first.resource, first.message),
            count: broken.len(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use nada_pipeline::{Execution, OutputFile, Settings, package};

    #[test]
    fn a_presentation_that_lost_or_broke_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut wav =
            b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data"
                .to_vec();
        let samples: Vec<u8> =
            (0..4 * 44_100_u32).flat_map(|i| ((i.wrapping_mul(i) >> 7) as i16 / 4).to_le_bytes()).collect();
        let size = samples.len() as u32;
        wav[4..8].copy_from_slice(&(size + 36).to_le_bytes());
        wav.extend_from_slice(&size.to_le_bytes());
        wav.extend_from_slice(&samples);
        std::fs::write(&path, wav).unwrap();
        let mut files = BTreeMap::new();
        let mut sink = |file: OutputFile| {
            for (name, bytes) in file.served() {
                files.insert((file.rendition.to_string(), name.to_string()), bytes.to_vec());
            }
            Ok::<(), std::io::Error>(())
        };
        let packaged =
            package(&path, &Settings::default(), &Execution::default(), &mut sink, &|_| {}).unwrap();
        let track: TrackId = "t".parse().unwrap();
        let presentation =
            packaged.into_presentation(track.clone(), nada_catalog::Version::from_input(&[b"x"]));
        let judged = |files: &BTreeMap<(String, String), Vec<u8>>| {
            let mut seen = Observer::default();
            files.iter().for_each(|((rendition, file), bytes)| seen.see(rendition, file, bytes));
            judge(&track, &seen, &presentation)
        };
        assert!(judged(&files).is_ok(), "{:?}", judged(&files));
        let place = ("aac-128".to_owned(), "00001.m4s".to_owned());
        let whole = files.get(&place).unwrap().clone();
        for (broken, rule) in [(whole[..whole.len() - 1].to_vec(), "H402"), (vec![], "H401")] {
            if broken.is_empty() {
                files.remove(&place);
            } else {
                files.insert(place.clone(), broken);
            }
            let error = judged(&files).unwrap_err();
            let PublishError::Invalid { rule: found, .. } = &error else { panic!("{error}") };
            assert_eq!(*found, rule, "{error}");
        }
    }
}
