//! LRC: whatever is read can be written in every form, and what is written as LRC is read again as it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nada_lyrics::lrc::{self, Flavour};
use nada_lyrics::{Hint, Kind, Lyrics, LyricsTimeline, json, parse, vtt};

fuzz_target!(|data: &[u8]| {
    let hint = Hint { lang: "hi".parse().expect("a language tag"), kind: Kind::Main };
    let Ok(parsed) = parse(data, &hint) else { return };
    let layer = &parsed.layer;
    // without times it is plain text, which may look like anything: the target `plain` knows what is lost of that
    if layer.lines().iter().any(|line| line.start_ms().is_none()) {
        return;
    }
    for flavour in [Flavour::Plain, Flavour::Enhanced] {
        let written = lrc::write(layer, &LyricsTimeline::SOURCE, flavour);
        match parse(written.as_bytes(), &hint) {
            Ok(again) => assert_eq!(lrc::write(&again.layer, &LyricsTimeline::SOURCE, flavour), written),
            Err(error) => panic!("cannot read what was written: {error}\n{written}"),
        }
    }
    let _ = vtt::write(layer, &LyricsTimeline::SOURCE);
    let lyrics = Lyrics::new(vec![layer.clone()]).expect("a layer that was read");
    let _ = json::write(&lyrics, &LyricsTimeline::SOURCE, None);
});
