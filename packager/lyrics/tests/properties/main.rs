//! Properties of all lyrics: files read back as they were written, and what is served keeps its rules.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod layers;
mod rules;

use core::sync::atomic::{AtomicUsize, Ordering};

use nada_lyrics::{
    Layer, Line, Lyrics, LyricsTimeline, OutputFormat, Phrase, Warning, losses,
    lrc::{self, Flavour},
    parse, write,
};
use proptest::{collection::vec, prelude::*, sample::select};

use layers::{cue_layer, hint, layer, layer_of, lrc_layer, simpler_layer, spelled, text, timeline};
use rules::{check_json, check_vtt};

/// Whether a warning is of words outside their line, which any layer may have and keeps.
fn is_kept(warning: &Warning) -> bool {
    let kept = [
        "a word of it starts before it",
        "ends before its words; it lasts until they end",
        "starts before the words of the line above it, of the same voice, are over",
    ];
    kept.contains(&warning.message.as_str()) || warning.message.starts_with("two lines at one stamp")
}

/// How often each target was read back.
static READ_BACK: [AtomicUsize; 6] = [const { AtomicUsize::new(0) }; 6];

/// Whether LRC cannot hold a text of it as it is: it would be read as stamps.
fn is_made_full_width(layer: &Layer) -> bool {
    let lyrics = Lyrics::new(vec![layer.clone()]).unwrap();
    losses(&lyrics, OutputFormat::Lrc).iter().any(|loss| loss.what.to_string().contains("full-width"))
}

#[test]
fn every_target_is_read_back() {
    what_loses_nothing_reads_back();
    let counts: Vec<usize> = READ_BACK.iter().map(|count| count.load(Ordering::Relaxed)).collect();
    let read = [
        OutputFormat::EnhancedLrc,
        OutputFormat::Lrc,
        OutputFormat::Ttml,
        OutputFormat::Vtt,
        OutputFormat::Srt,
    ];
    assert!(read.iter().all(|target| counts[*target as usize] > 0), "{counts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn enhanced_lrc_reads_back_as_written(layer in lrc_layer()) {
        prop_assume!(!is_made_full_width(&layer));
        let file = lrc::write(&layer, &LyricsTimeline::SOURCE, Flavour::Enhanced);
        let parsed = parse(file.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{file}")))?;
        prop_assert_eq!(&parsed.layer, &layer, "{}", file);
        prop_assert!(parsed.warnings.iter().all(is_kept), "{:?}\n{}", parsed.warnings, file);
    }

    #[test]
    fn what_loses_nothing_reads_back(
        layer in prop_oneof![3 => simpler_layer(), 1 => layer(), 1 => cue_layer()], every in 1usize..4, spell in any::<bool>(),
    ) {
        let spelled = spelled(&layer, every).filter(|_| spell);
        let lyrics = Lyrics::new([Some(layer), spelled].into_iter().flatten().collect()).unwrap();
        for target in [OutputFormat::EnhancedLrc, OutputFormat::Lrc, OutputFormat::Ttml, OutputFormat::Vtt, OutputFormat::Srt] {
            let file = write(&lyrics, target);
            if !losses(&lyrics, target).is_empty() {
                continue;
            }
            let read = parse(file.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{file}")))?;
            let again = Lyrics::new([vec![read.layer], read.others].concat()).unwrap();
            prop_assert_eq!(&again, &lyrics, "{:?}\n{}", target, file);
            prop_assert!(read.warnings.iter().all(is_kept), "{:?}\n{}", read.warnings, file);
            READ_BACK[target as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn any_layer_settles_in_every_format(layer in layer()) {
        let lyrics = Lyrics::new(vec![layer]).unwrap();
        for target in [OutputFormat::EnhancedLrc, OutputFormat::Lrc, OutputFormat::Ttml, OutputFormat::Vtt, OutputFormat::Srt] {
            let once = |lyrics: &Lyrics| parse(write(lyrics, target).as_bytes(), &hint()).ok()
                .map(|read| Lyrics::new([vec![read.layer], read.others].concat()).unwrap());
            // Nothing is left of a layer of which nothing can be shown.
            let Some(first) = once(&lyrics) else { continue };
            prop_assert_eq!(once(&first), Some(first), "{:?}", target);
        }
    }

    #[test]
    fn plain_lrc_reads_back_without_words(layer in lrc_layer()) {
        prop_assume!(!is_made_full_width(&layer));
        let file = lrc::write(&layer, &LyricsTimeline::SOURCE, Flavour::Plain);
        let bare = |line: &Line| Line::new(line.start_ms(), None, Phrase::new(line.text(), vec![]).unwrap()).unwrap();
        let parsed = parse(file.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{file}")))?;
        prop_assert_eq!(parsed.layer, layer_of(layer.lines().iter().map(bare).collect()), "{}", file);
    }

    #[test]
    fn lrc_of_any_layer_is_lrc_and_settles(layer in layer(), timeline in timeline()) {
        for flavour in [Flavour::Plain, Flavour::Enhanced] {
            let first = lrc::write(&layer, &timeline, flavour);
            let parsed = parse(first.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{first}")))?;
            let second = lrc::write(&parsed.layer, &LyricsTimeline::SOURCE, flavour);
            let again = parse(second.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{second}")))?;
            prop_assert_eq!(again.layer, parsed.layer, "{}\n{}", first, second);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, &hint());
    }

    #[test]
    fn any_text_in_stamps_keeps_the_rules(
        parts in vec(prop_oneof![
            text(),
            select(&["[00:01.00]", "v1: ", "\n[bg: ", "]\n", "<00:01.50>", "<00:00.20>", "\n", "\r\n", "[offset:+900]", "[1:00:00.0]"][..]).prop_map(str::to_owned),
        ], 0..24),
    ) {
        let file = parts.concat();
        if let Ok(parsed) = parse(file.as_bytes(), &hint()) {
            // Whatever was accepted can be served, and the model's own rules were checked on the way.
            if parsed.layer.synced() {
                check_json(&parsed.layer, &LyricsTimeline::SOURCE)?;
            }
            check_vtt(&parsed.layer, &LyricsTimeline::SOURCE)?;
        }
    }

    #[test]
    fn json_keeps_the_rules_of_opensubsonic(layer in layer(), timeline in timeline()) {
        check_json(&layer, &timeline)?;
    }

    #[test]
    fn webvtt_keeps_its_rules(layer in layer(), timeline in timeline()) {
        check_vtt(&layer, &timeline)?;
    }

    #[test]
    fn media_time_keeps_order_and_bounds(timeline in timeline(), a in any::<i64>(), b in any::<i64>()) {
        prop_assert!(a > b || timeline.at(a) <= timeline.at(b));
        prop_assert!(timeline.end_ms().is_none_or(|end| timeline.at(a) <= end));
    }

    #[test]
    fn languages_that_differ_have_names_that_differ(
        a in "(hi|id|en|ko|pa)(-(Latn|Deva|Arab))?(-(IN|ID))?", b in "(hi|id|en|ko|pa)(-(Latn|Deva|Arab))?(-(IN|ID))?",
    ) {
        let (a, b): (nada_lyrics::LanguageTag, nada_lyrics::LanguageTag) = (a.parse().unwrap(), b.parse().unwrap());
        prop_assert_eq!(a == b, a.display_name() == b.display_name());
    }
}
