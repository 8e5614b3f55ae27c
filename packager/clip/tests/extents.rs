//! Whatever is drawn stands where the programs that show a picture draw nothing over it.
// a test may ask its environment
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::Path;

use nada_clip::{Credits, Form, Scene, Size, Song, Style, Theme, Tint, Typesetter, Wanted};
use nada_lyrics::{Hint, Kind, Layer, Lyrics, parse};

/// The lyrics of the demo's songs, and of those in `NADA_TEST_MEDIA`.
fn songs() -> Vec<(String, Vec<Layer>)> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/demo/releases");
    let read = |files: &[(&str, &str)]| -> Vec<Layer> {
        let layers = files.iter().enumerate().map(|(index, (file, lang))| {
            let bytes = std::fs::read(demo.join(file)).unwrap();
            let kind = if index == 0 {
                Kind::Main
            } else {
                Kind::infer(Some(&files[0].1.parse().unwrap()), &lang.parse().unwrap())
            };
            parse(&bytes, &Hint { lang: lang.parse().unwrap(), kind }).unwrap().layer
        });
        layers.collect()
    };
    let mut songs = vec![
        (
            "kabir".to_owned(),
            read(&[
                ("kabir-dohe/01.hi.lrc", "hi"),
                ("kabir-dohe/01.hi-Latn.lrc", "hi-Latn"),
                ("kabir-dohe/01.en.lrc", "en"),
            ]),
        ),
        ("pantun".to_owned(), read(&[("pantun/02.id.lrc", "id"), ("pantun/02.en.lrc", "en")])),
    ];
    match std::env::var_os("NADA_TEST_MEDIA").map(|folder| Path::new(&folder).join("fantasma.txt")) {
        Some(file) if file.is_file() => {
            let text = std::fs::read_to_string(file).unwrap();
            let lines = text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n");
            let hint = Hint { lang: "en".parse().unwrap(), kind: Kind::Main };
            songs.push(("fantasma".to_owned(), vec![parse(lines.as_bytes(), &hint).unwrap().layer]));
        }
        _ => eprintln!("SKIPPED: the lines of real recordings: NADA_TEST_MEDIA is not set"),
    }
    // longer than anybody sings
    let long = [
        "हम देखेंगे लाज़िम है कि हम भी देखेंगे ".repeat(6),
        "Pneumonoultramicroscopicsilicovolcanoconiosis ".repeat(3),
        "دلِ ناداں تجھے ہوا کیا ہے ".repeat(5),
    ];
    for (text, lang) in long.iter().zip(["hi", "en", "ur"]) {
        let hint = Hint { lang: lang.parse().unwrap(), kind: Kind::Main };
        songs.push((format!("long {lang}"), vec![parse(text.as_bytes(), &hint).unwrap().layer]));
    }
    songs
}

#[test]
fn the_longest_lines_stand_in_the_safe_area() {
    let mut typesetter = Typesetter::default();
    let mut pictures = 0;
    for (name, layers) in songs() {
        let lyrics = Lyrics::new(layers).unwrap();
        let shown: Vec<_> = lyrics.layers().iter().map(|layer| layer.lang().clone()).collect();
        let credits =
            Credits { title: name.clone(), artists: vec!["Nada".into()], label: Some("Nada".into()) };
        let song = Song::new(credits, &lyrics, &shown, 46, 3_600_000);
        let count = song.lines.len();
        for lines in (1..=count)
            .map(|line| format!("{line}"))
            .chain((1..=count.saturating_sub(4)).map(|line| format!("{line}-{}", line + 4)))
        {
            for size in Size::ALL {
                let excerpt = song.excerpt(&Wanted::Lines(lines.parse().unwrap()), Form::Card).unwrap();
                let style = Style { size, theme: Theme::Dark, tint: Tint::of_track(&name), artwork: None };
                let scene = Scene::card(&mut typesetter, &song.credits, &excerpt, &style).unwrap();
                let [left, top, right, bottom] = scene.extent();
                let safe = size.safe();
                let (l, t, r, b) = (safe.0 as i32, safe.1 as i32, safe.2 as i32, safe.3 as i32);
                assert!(
                    left >= l && top >= t && right <= r && bottom <= b,
                    "{name} {lines} {size:?}: {left} {top} {right} {bottom}"
                );
                // and not on title or label
                let area = size.areas().lyrics;
                let (above, below) = (area.y as i32 - 40, (area.y + area.height) as i32 + 30);
                assert!(top >= above && bottom <= below, "{name} {lines} {size:?}: {top} {bottom}");
                let film = Scene::film(&mut typesetter, &song.credits, &excerpt, &style).unwrap();
                let [left, _, right, _] = film.extent();
                assert!(left >= l && right <= r, "{name} {lines} {size:?}: {left} {right}");
                pictures += 1;
            }
        }
    }
    eprintln!("{pictures} pictures stand in the safe area");
    assert!(typesetter.missing().is_empty(), "{:?}", typesetter.missing());
}
