//! What holds for lyrics of every format.

use nada_lyrics::{Hint, Kind, Lyrics, OutputFormat, losses, parse, write};

/// Whatever is read can be written in every form, and where the writer says that nothing is lost, it is read again
/// as it was.
pub fn lyrics(data: &[u8]) {
    let hint = Hint { lang: "hi".parse().expect("a language tag"), kind: Kind::Main };
    let Ok(parsed) = parse(data, &hint) else { return };
    let lyrics = Lyrics::new([vec![parsed.layer], parsed.others].concat()).expect("layers that were read");
    for target in [
        OutputFormat::EnhancedLrc,
        OutputFormat::Lrc,
        OutputFormat::Ttml,
        OutputFormat::Vtt,
        OutputFormat::Srt,
        OutputFormat::Json,
    ] {
        let written = write(&lyrics, target);
        if target == OutputFormat::Json || !losses(&lyrics, target).is_empty() {
            continue;
        }
        match parse(written.as_bytes(), &hint) {
            Ok(again) => {
                let again =
                    Lyrics::new([vec![again.layer], again.others].concat()).expect("layers that were read");
                assert_eq!(again, lyrics, "{target:?}\n{written}");
            }
            Err(error) => panic!("cannot read what was written as {target:?}: {error}\n{written}"),
        }
    }
}

/// The same, of a file that begins so.
pub fn lyrics_after(start: &str, data: &[u8]) {
    lyrics(&[start.as_bytes(), data].concat());
}
