//! Glyphs as HarfBuzz itself chooses them: `hb-shape` of Debian's libharfbuzz-bin.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use nada_clip::Typesetter;
use nada_lyrics::{Hint, Kind, LanguageTag, Lyrics, parse, romanize};

/// How many words of each script are compared.
const WORDS: usize = 200;

/// A font, by its file and the family that it is known by, and the languages whose words are set in it.
const SCRIPTS: [(&str, &str, &[&str]); 10] = [
    ("devanagari", "Noto Sans Devanagari", &["hi", "mr"]),
    ("bengali", "Noto Sans Bengali", &["bn"]),
    ("gurmukhi", "Noto Sans Gurmukhi", &["pa"]),
    ("gujarati", "Noto Sans Gujarati", &["gu"]),
    ("odia", "Noto Sans Oriya", &["or"]),
    ("tamil", "Noto Sans Tamil", &["ta"]),
    ("telugu", "Noto Sans Telugu", &["te"]),
    ("kannada", "Noto Sans Kannada", &["kn"]),
    ("malayalam", "Noto Sans Malayalam", &["ml"]),
    ("urdu", "Noto Nastaliq Urdu", &["ur"]),
];

/// Emoji of one and of several code points.
const EMOJI: &str =
    "❤️ 🔥 🎵 🎶 🎤 🥁 🪘 🎸 🌙 ✨ ⭐ 🌹 🌧️ ☀️ 🕊️ 💔 😭 😂 🙏 🙏🏽 👩‍🎤 👨‍👩‍👧 🇮🇳 🇮🇩 👍🏿 🏳️‍🌈 1️⃣ ☕ 🎧 💃 🕺 🌊 🌺 🍃";

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The words of `packager/lyrics/gold`, by language.
fn gold() -> BTreeMap<String, Vec<String>> {
    let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut files: Vec<_> =
        std::fs::read_dir(folder("../lyrics/gold")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "tsv")) {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        for line in std::fs::read_to_string(file).unwrap().lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let first = columns.next().unwrap();
            let (lang, word) =
                if stem.len() == 2 { (stem, first) } else { (first, columns.next().unwrap_or_default()) };
            for word in word.split_whitespace() {
                words.entry(lang.to_owned()).or_default().push(word.to_owned());
            }
        }
    }
    words
}

/// The glyphs of each word as HarfBuzz sets them, left to right; `None` where it is not installed.
fn harfbuzz(font: &str, words: &[String]) -> Option<Vec<Vec<u16>>> {
    let mut child = Command::new("hb-shape")
        .args(["--no-glyph-names", "--no-clusters", "--no-positions", "--text-file=-"])
        .arg(format!("--font-file={}", folder(&format!("fonts/{font}.ttf")).display()))
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all((words.join("\n") + "\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let glyphs =
        |line: &str| line.trim_matches(['[', ']']).split('|').map(|glyph| glyph.parse().unwrap()).collect();
    Some(text.lines().map(glyphs).collect())
}

/// The glyphs of a word as they are drawn, left to right, and the families that they are of.
fn ours(typesetter: &mut Typesetter, word: &str, rtl: bool) -> (Vec<u16>, Vec<String>) {
    let setting = typesetter.shape(word, rtl).set(40.0, 1e6).unwrap();
    assert_eq!(setting.lines.len(), 1, "{word}");
    let glyphs = &setting.lines[0].glyphs;
    let mut families: Vec<String> = glyphs.iter().map(|set| typesetter.family(set)).collect();
    families.dedup();
    let mut ids: Vec<u16> = glyphs.iter().map(|set| set.glyph.glyph_id).collect();
    if rtl {
        ids.reverse();
    }
    (ids, families)
}

fn compare(font: &str, family: &str, words: &[String], rtl: bool) {
    let Some(theirs) = harfbuzz(font, words) else {
        eprintln!(
            "SKIPPED: glyphs of {family} against HarfBuzz: there is no hb-shape (apt-get install libharfbuzz-bin)"
        );
        return;
    };
    assert_eq!(theirs.len(), words.len());
    let mut typesetter = Typesetter::default();
    for (word, theirs) in words.iter().zip(theirs) {
        let (glyphs, families) = ours(&mut typesetter, word, rtl);
        assert_eq!(families, [family], "{word}");
        assert_eq!(glyphs, theirs, "{word} in {family}");
        assert!(!glyphs.contains(&0), "{word} has a glyph that there is not");
    }
    eprintln!("{family}: {} words as HarfBuzz sets them", words.len());
}

#[test]
fn words_of_every_script_are_shaped_as_harfbuzz_shapes_them() {
    let mut words = gold();
    let urdu = include_str!("words/ur.txt").lines().map(ToOwned::to_owned).collect();
    words.insert("ur".to_owned(), urdu);
    for (font, family, languages) in SCRIPTS {
        let mut of_script: Vec<String> = languages.iter().flat_map(|lang| words[*lang].clone()).collect();
        of_script.sort();
        of_script.dedup();
        assert!(of_script.len() >= WORDS, "{family} has {} words", of_script.len());
        compare(font, family, &of_script, font == "urdu");
    }
}

#[test]
fn letters_with_marks_are_shaped_as_harfbuzz_shapes_them() {
    let hi: LanguageTag = "hi".parse().unwrap();
    let text: String = gold()["hi"].iter().map(|word| format!("[00:01.00]{word}\n")).collect();
    let layer = parse(text.as_bytes(), &Hint { lang: hi, kind: Kind::Main }).unwrap().layer;
    let latin = romanize::missing(&Lyrics::new(vec![layer]).unwrap(), romanize::Scheme::Iso15919).unwrap();
    let mut words: Vec<String> =
        latin[0].lines().iter().flat_map(|line| line.text().split(' ')).map(ToOwned::to_owned).collect();
    words.extend(["fiancé", "Zürich", "Ōḍiśā", "ʻoʼ", "ﬁ", "affine", "Việt", "x̂ỹ"].map(ToOwned::to_owned));
    words.sort();
    words.dedup();
    assert!(words.len() >= WORDS && words.iter().any(|word| word.contains('ṁ')));
    compare("latin", "Noto Sans", &words, false);
}

#[test]
fn emoji_of_several_code_points_are_one_glyph_as_in_harfbuzz() {
    let words: Vec<String> = EMOJI.split(' ').map(ToOwned::to_owned).collect();
    compare("emoji", "Noto Emoji", &words, false);
}
