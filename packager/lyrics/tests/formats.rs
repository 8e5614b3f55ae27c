//! Reading WebVTT, SubRip, Lyricsfile and plain text, and telling them apart.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use nada_lyrics::{
    Error, Hint, Kind, Layer, Line, Lyrics, OutputFormat, Parsed, limit, losses, parse, write,
};

fn hint() -> Hint {
    Hint { lang: "hi".parse().unwrap(), kind: Kind::Main }
}

fn read(file: &str) -> Parsed {
    parse(file.as_bytes(), &hint()).unwrap_or_else(|e| panic!("{e}\n{file}"))
}

fn refusal(file: &str) -> String {
    parse(file.as_bytes(), &hint()).expect_err("refused").to_string()
}

fn shown(layer: &Layer) -> Vec<String> {
    layer.lines().iter().map(show).collect()
}

fn show(line: &Line) -> String {
    let ms = |ms: Option<i64>| ms.map_or_else(|| "…".to_owned(), |ms| ms.to_string());
    let section = line.section().map(|name| format!("#{name} ")).unwrap_or_default();
    let agent = line.agent().map(|agent| format!("{agent}: ")).unwrap_or_default();
    let words = line
        .words()
        .iter()
        .map(|word| format!(" {}@{}-{}", line.phrase().word_text(word), word.start_ms, ms(word.end_ms)));
    let words = words.collect::<String>();
    format!("{section}{}-{} {agent}{}{words}", ms(line.start_ms()), ms(line.end_ms()), line.text())
}

fn warned(parsed: &Parsed) -> Vec<String> {
    parsed.warnings.iter().map(|w| format!("{}:{}: {}", w.line, w.column, w.message)).collect()
}

#[test]
fn webvtt() {
    let parsed = read(concat!(
        "WEBVTT - a title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\nNOTE nothing\n\nSTYLE\n::cue {}\n\n",
        "1\n00:01.000 --> 00:02.000 align:start\n<c.x>बुरा </c><00:01.500>जो &lt;3 &amp; &#x915;\nदेखन\n\n",
        "00:00:02.000 --> 00:00:04.000\n<v.loud Lata>मैं</v>\n\n",
        "00:05.000 --> 00:06.000\n<v Kishore><ruby>東<rt>とう</rt></ruby> & 京\n\nlost\n",
    ));
    assert_eq!(
        shown(&parsed.layer),
        [
            "1000-… बुरा जो <3 & क देखन बुरा@1000-… जो <3 & क देखन@1500-…",
            "2000-4000 v1: मैं",
            "5000-6000 v2: 東 & 京"
        ]
    );
    let agents: Vec<_> = parsed.layer.agents().iter().map(|a| a.name.as_deref()).collect();
    assert_eq!(agents, [Some("Lata"), Some("Kishore")]);
    assert_eq!(
        warned(&parsed),
        ["18:19: ruby left out: the base text is kept", "20:1: no times: \"lost\" left out"]
    );
}

#[test]
fn webvtt_that_is_wrong() {
    for (file, message) in [
        ("WEBVTT\n\n00:01.000 --> soon\nx", "line 3, column 15: expected two times"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nx <00:0y>z", "line 4, column 3: expected a time tag"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nx <i", "line 4, column 3: expected a tag and its closing"),
        ("WEBVTT\n", "no lyrics"),
    ] {
        assert!(refusal(file).contains(message), "{file}: {}", refusal(file));
    }
    let parsed = read(
        "WEBVTT\n\n00:05.000 --> 00:04.000\na\n\n00:01.000 --> 00:02.000\nb <00:01.500>c <00:01.200>d\n",
    );
    assert_eq!(shown(&parsed.layer), ["1000-2000 b c d b@1000-… c@1500-… d@1500-…", "5000-… a"]);
    assert_eq!(parsed.warnings.len(), 3, "{:?}", warned(&parsed));
}

#[test]
fn subrip() {
    let parsed = read(concat!(
        "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>बुरा</i> <font color=\"red\">जो</font>\r\n{\\an8}देखन\r\n\r\n\r\n",
        "2\r\n00:00:03.000 --> 00:00:04,000\r\n1 < 2 {x} <3\r\n\r\n00:01:00,000 --> 00:00:59,000\r\nend",
    ));
    assert_eq!(shown(&parsed.layer), ["1000-2500 बुरा जो देखन", "3000-4000 1 < 2 {x} <3", "60000-… end"]);
    assert_eq!(warned(&parsed), ["11:1: ends before it starts; its end left out"]);
    assert!(refusal("1\n00:00:01,000 --> 2\nx").contains("line 2, column 18: expected two times"));
    let defused = Lyrics::new(vec![read("a <b>c</b> {\\x} --> d").layer]).unwrap();
    assert_eq!(losses(&defused, OutputFormat::Srt).len(), 1, "an unsynced layer has no blocks");
}

#[test]
fn webvtt_as_others_write_it() {
    let parsed = read(concat!(
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0900000,LOCAL:00:00:00.000\n\n",
        "00:01.000 --> 00:02.000 align:start position:0%\n \na<00:00:01.500><c> b</c>\n\n",
        "00:02.000 --> 00:03.000\n<v Lata &amp; Asha>c\n",
    ));
    assert_eq!(shown(&parsed.layer), ["1000-… a b a@1000-… b@1500-…", "2000-3000 v1: c"]);
    assert_eq!(parsed.layer.agents()[0].name.as_deref(), Some("Lata & Asha"));
    assert_eq!(warned(&parsed), ["1:1: X-TIMESTAMP-MAP left out: times stay as they are in the file"]);
    let long = refusal("WEBVTT\n\n00:01.000 --> 101:00:00.000\nx");
    assert!(long.contains("line 3, column 15: expected a time of at most 100 hours"), "{long}");
    let long = refusal(&format!("WEBVTT\n\n7\n00:01.000 --> 00:02.000\n{}\n", "x".repeat(5000)));
    assert_eq!(long, "line 5, column 1: more than 4096 bytes of text in a line");
}

#[test]
fn subrip_as_others_write_it() {
    let parsed = read("1\n0:00:01,50 --> 0:00:02,5\na\n\n2\n00:00:03 --> 00:00:04,000\nb\n");
    assert_eq!(shown(&parsed.layer), ["1500-2500 a", "3000-4000 b"]);
    assert_eq!(warned(&parsed), [""; 0]);
    let dots = refusal("1\n00.00.01,500 --> 00.00.02,500\na\n");
    assert!(dots.contains("line 2, column 1: expected two times"), "{dots}");
    let dots = refusal("a title\n\n1\n 00:00:01,500 --> x\na\n");
    assert!(dots.contains("line 4, column 19: expected two times"), "{dots}");
    for text in ["a --> b\n1 --> 2\n", "[la:en]\n00:01 --> 00:02\n"] {
        assert!(!read(text).layer.synced(), "{text}");
    }
}

#[test]
fn subrip_without_blank_lines() {
    let parsed = read(concat!(
        "1\n00:00:01,000 --> 00:00:02,000\na\n7\n2\n00:00:02,000 --> 00:00:03,000\nb\n",
        "00:00:03,000 --> 00:00:04,000\nc\n\n4\n00:00:04,000 --> 00:00:05,000\nd\n5\n00:00:05,000 --> 00:00:06,000\n",
    ));
    assert_eq!(shown(&parsed.layer), ["1000-… a 7", "2000-… b", "3000-… c", "4000-… d", "5000-6000 "]);
    assert_eq!(
        warned(&parsed),
        ["5:1: no blank line before it, here and perhaps further on; read as a block of its own"]
    );
}

#[test]
fn lyricsfile_however_it_is_written() {
    let expected = read("lines:\n- text: a\n  start_ms: 1\n").layer;
    for file in [
        "{version: \"1.0\", lines: [{text: a, start_ms: 1}]}",
        "{\n  \"version\": \"1.0\",\n  \"lines\": [{\"text\": \"a\", \"start_ms\": 1}]\n}\n",
        "\"version\": '1.0'\n'lines':\n- text: a\n  start_ms: 1\n",
        "title: x\nlines:\n- text: a\n  start_ms: 1\n",
    ] {
        assert_eq!(read(file).layer, expected, "{file}");
    }
    assert_eq!(
        shown(&read("Chorus: la la\nlines: so many\n").layer),
        ["…-… Chorus: la la", "…-… lines: so many"]
    );
}

#[test]
fn lyricsfile() {
    let parsed = read(concat!(
        "version: '1.0'\nmetadata:\n  title: 'Dohe'\n  artist: Kabir\n  language: hi\n  duration_ms: 9000\n  offset_ms: 100\n",
        "lines:\n  - text: ignored\n    start_ms: 1000\n    end_ms: 2000\n    words:\n",
        "      - text: 'बुरा '\n        start_ms: 1000\n        end_ms: 1400\n      - { text: जो, start_ms: 1500 }\n",
        "  - text: \"मैं चला\"\n    start_ms: 500\n    mood: sad\nplain: |\n  [Verse]\n  बुरा जो\n",
    ));
    assert_eq!(shown(&parsed.layer), ["400-… मैं चला", "900-1900 बुरा जो बुरा@900-1300 जो@1400-…"]);
    assert_eq!((parsed.metadata.title.as_deref(), parsed.metadata.length_ms), (Some("Dohe"), Some(9000)));
    assert_eq!(
        warned(&parsed),
        [
            "9:11: `text` left out: the words of the line are not in it",
            "19:5: unknown key \"mood\" left out",
            "17:5: starts before the line above it; sorted by start",
            "1:1: offset_ms 100: taken as in LRC, positive for earlier",
        ]
    );
    let plain =
        read("version: \"1.0\"\nmetadata: {title: x}\nlines: []\nplain: |\n  [Verse 1]\n  a\n\n  b\n");
    assert_eq!(shown(&plain.layer), ["#Verse 1 …-… a", "…-… b"]);
}

#[test]
fn lyricsfile_words_stand_in_their_text() {
    let words = |text: &str| {
        format!(
            "lines:\n- start_ms: 1\n  text: '{text}'\n  words:\n  - {{text: Hello, start_ms: 1}}\n  - {{text: world, start_ms: 2}}\n"
        )
    };
    let of = |text: &str| (shown(&read(&words(text)).layer), warned(&read(&words(text))));
    for text in ["Hello world", "Hello, world!", "Hello  world", "(Hello) my world"] {
        assert_eq!(of(text), (vec![format!("1-… {text} Hello@1-… world@2-…")], vec![]));
    }
    let other = "3:9: `text` left out: the words of the line are not in it".to_owned();
    assert_eq!(of("world Hello"), (vec!["1-… Helloworld Hello@1-… world@2-…".to_owned()], vec![other]));
    assert_eq!(of("").1, [""; 0]);
}

#[test]
fn lyricsfile_names_its_own_places() {
    let parsed = read("version: '1.0'\nplain: |\n  a\n   b\u{7}\n  [foo:x]\n");
    assert_eq!(
        warned(&parsed),
        ["4:5: control character U+0007 made a space", "5:3: unknown tag \"foo\" left out"]
    );
    // Read as YAML, not line by line.
    let parsed = read("'plain': |+ # all\n\n\n  a\n\n  [foo:x]\n");
    assert_eq!(warned(&parsed), ["6:3: unknown tag \"foo\" left out"]);
    let parsed = read("plain: \"a\\n[foo:x]\"\n");
    assert_eq!(warned(&parsed), ["1:8: unknown tag \"foo\" left out"]);
    let long = refusal(&format!("plain: |\n  a\n  {}\n", "x".repeat(5000)));
    assert_eq!(long, "line 3, column 3: more than 4096 bytes of text in a line");
    let parsed = read("lines:\n- {text: a, start_ms: 1}\n---\nlines: []\n");
    assert_eq!(
        (shown(&parsed.layer), warned(&parsed)),
        (vec!["1-… a".into()], vec!["3:1: another document left out".into()])
    );
}

#[test]
fn lyricsfiles_that_are_refused() {
    for (file, message) in [
        ("version: '1.0'\na: &x [1]\nlines: *x", "line 2, column 4: expected no anchors and aliases"),
        ("lines: *x", "line 1"),
        ("version: '2.0'\nlines: []", "line 1, column 1: expected version 1.0"),
        ("lines:\n  - text: x\n", "line 2, column 5: expected `start_ms` in every line"),
        (
            "lines:\n  - text: x\n    start_ms: 1.9\n",
            "line 3, column 5: expected a whole number of milliseconds",
        ),
        ("lines:\n  - text: x\n    start_ms: .nan\n", "expected a whole number"),
        ("lines: 7", "expected a list"),
        ("lines:\n  - text: [\n", "line"),
        ("version: '1.0'\nmetadata:\n  instrumental: true\nlines: []\n", "the track is instrumental"),
        ("version: '1.0'\n", "no lyrics"),
        (
            "lines: []\nplain: a\nlines: []\n",
            "line 3, column 1: expected each key once in a mapping, found \"lines\"",
        ),
        (
            "lines:\n- {text: a, start_ms: 1, start_ms: 2}\n",
            "line 2, column 26: expected each key once in a mapping, found \"start_ms\"",
        ),
        (
            "metadata: {offset_ms: -3600000}\nlines:\n- text: a\n  start_ms: 360000000\n",
            "line 3, column 3: times are at most 100 hours",
        ),
    ] {
        assert!(refusal(file).contains(message), "{file}: {}", refusal(file));
    }
    assert!(refusal(&format!("lines: {}", "[".repeat(64))).contains("expected a mapping"), "depth");
    assert!(refusal(&format!("version: '1.0'\nx: {}", "[".repeat(64))).contains("8 levels of YAML"));
}

#[test]
fn plain_text() {
    let parsed = read("[ti:Dohe]\n[Verse 1: Both]\nबुरा जो  \n\n\tदेखन\u{7}\n[Chorus]\nमैं [x2]\n");
    assert_eq!(shown(&parsed.layer), ["#Verse 1: Both …-… बुरा जो", "…-… देखन", "#Chorus …-… मैं [x2]"]);
    assert!(!parsed.layer.synced());
    assert_eq!(parsed.metadata.title.as_deref(), Some("Dohe"));
    assert_eq!(warned(&parsed), ["5:6: control character U+0007 made a space"]);
    assert!(matches!(parse("a\n".repeat(limit::LINES + 1).as_bytes(), &hint()), Err(Error::Line { .. })));
}

#[test]
fn what_a_target_cannot_hold_is_listed() {
    let lyrics =
        Lyrics::new(vec![read("[00:01.00]<00:01.00>a <00:02.00>b<00:02.50>\n[00:03.00]\n").layer]).unwrap();
    let of = |target| losses(&lyrics, target).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(of(OutputFormat::EnhancedLrc), [""; 0]);
    assert_eq!(of(OutputFormat::Ttml), [""; 0]);
    assert_eq!(of(OutputFormat::Json), [""; 0]);
    assert_eq!(of(OutputFormat::Lrc), ["1 × times of words; left out"]);
    assert_eq!(
        of(OutputFormat::Srt),
        ["1 × pauses; left out", "1 × lines without an end; one is made up", "1 × times of words; left out"]
    );
    assert_eq!(
        of(OutputFormat::Vtt),
        ["1 × pauses; left out", "1 × lines without an end; one is made up", "1 × ends of words; left out"]
    );
    assert_eq!(write(&lyrics, OutputFormat::Srt), "1\n00:00:01,000 --> 00:00:03,000\na b\n\n");
}

#[test]
fn control_characters_alone_are_no_lyrics() {
    assert!(refusal("\u{11}").starts_with("no lyrics"), "{}", refusal("\u{11}"));
    assert_eq!(shown(&read("a\n\u{11}\u{7}\nb\n").layer), ["…-… a", "…-… b"]);
}

#[test]
fn lines_of_one_voice_that_overlap_are_named_and_cut() {
    let ends_and_warnings = |file: &str| {
        let parsed = parse(file.as_bytes(), &Hint { lang: "hi".parse().unwrap(), kind: Kind::Main }).unwrap();
        let ends: Vec<_> = parsed.layer.lines().iter().map(Line::end_ms).collect();
        let warned = parsed.warnings.iter().map(|warning| (warning.line, warning.message.clone()));
        (ends, warned.collect::<Vec<_>>())
    };
    let cut = "starts before the end of the line above it, of the same voice; that ends here";
    let srt = "1\n00:00:01,000 --> 00:00:05,000\na\n\n2\n00:00:02,000 --> 00:00:03,000\nb\n";
    assert_eq!(ends_and_warnings(srt), (vec![None, Some(3000)], vec![(6, cut.to_owned())]));
    let duet = |second: &str| {
        format!(
            "<tt><body>\n<p begin='1' end='5' ttm:agent='v1'>a</p>\n<p begin='2' end='3' ttm:agent='{second}'>b</p></body></tt>"
        )
    };
    let cuts = |file: &str| ends_and_warnings(file).1.iter().filter(|(_, message)| message == cut).count();
    assert_eq!((cuts(&duet("v1")), ends_and_warnings(&duet("v1")).0), (1, vec![None, Some(3000)]));
    assert_eq!((cuts(&duet("v2")), ends_and_warnings(&duet("v2")).0), (0, vec![Some(5000), Some(3000)]));
    let early = ends_and_warnings("[00:10.00]<00:05.00>a <00:12.00>b\n");
    assert_eq!(early.1, [(1, "a word of it starts before it".to_owned())]);
}
