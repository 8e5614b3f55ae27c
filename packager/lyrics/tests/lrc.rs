//! Reading LRC and enhanced LRC: what files in the wild hold, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use nada_lyrics::{
    Error, Hint, Kind, Layer, Line, LyricsTimeline, Parsed, limit,
    lrc::{self, Flavour},
    parse,
};

fn hint() -> Hint {
    Hint { lang: "hi".parse().unwrap(), kind: Kind::Main }
}

fn read(file: &str) -> Parsed {
    parse(file.as_bytes(), &hint()).unwrap_or_else(|e| panic!("{e}"))
}

fn refusal(file: &str) -> String {
    parse(file.as_bytes(), &hint()).expect_err("refused").to_string()
}

/// Each line as `start text | word@start-end …`.
fn shown(layer: &Layer) -> Vec<String> {
    layer.lines().iter().map(show).collect()
}

fn show(line: &Line) -> String {
    let mut shown = format!("{} {}", line.start_ms().unwrap(), line.text());
    for (i, word) in line.words().iter().enumerate() {
        shown += if i == 0 { " | " } else { " " };
        shown += &format!("{}@{}", line.phrase().word_text(word), word.start_ms);
        if let Some(end) = word.end_ms {
            shown += &format!("-{end}");
        }
    }
    shown
}

fn warned(parsed: &Parsed) -> Vec<(usize, usize, &str)> {
    parsed.warnings.iter().map(|w| (w.line, w.column, w.message.as_str())).collect()
}

#[test]
fn a_whole_file() {
    let parsed = read(concat!(
        "\u{feff}[ti: बुरा जो देखन ]\r\n[ar:Kabir]\r\n[al:Dohe]\r\n[au:कबीर]\r\n[by:Nada]\r\n[la:hi]\r\n",
        "[length:03:21.5]\r\n[re:editor]\r\n\r\n",
        "[00:12.00]<00:12.00>बुरा <00:12.50>जो <00:13.00>देखन<00:13.80>\r\n",
        "[00:14.5]मैं चला\r\n",
        "[00:16.123]\r\n",
    ));
    assert_eq!(
        shown(&parsed.layer),
        ["12000 बुरा जो देखन | बुरा@12000 जो@12500 देखन@13000-13800", "14500 मैं चला", "16123 "]
    );
    assert_eq!(warned(&parsed), []);
    assert_eq!(parsed.layer.lang().as_str(), "hi");
    assert_eq!(parsed.layer.kind(), Kind::Main);
    let metadata = parsed.metadata;
    assert_eq!(metadata.title.as_deref(), Some("बुरा जो देखन"));
    assert_eq!((metadata.artist.as_deref(), metadata.album.as_deref()), (Some("Kabir"), Some("Dohe")));
    assert_eq!((metadata.author.as_deref(), metadata.creator.as_deref()), (Some("कबीर"), Some("Nada")));
    assert_eq!((metadata.language.as_deref(), metadata.length_ms), (Some("hi"), Some(201_500)));
}

#[test]
fn lines_with_stamps_of_words_alone() {
    let parsed = read("<00:01.00>a <00:01.50>b\n[00:03.00]c\n <00:04.00> <00:04.50>d\n<00:05.00>\n");
    assert_eq!(shown(&parsed.layer), ["1000 a b | a@1000 b@1500", "3000 c", "4500 d | d@4500", "5000 "]);
    assert_eq!(warned(&parsed), []);
    let plain = read("<3 this: heart\n<3: that\n");
    assert!(!plain.layer.synced(), "no stamp, no LRC");
}

#[test]
fn space_on_both_sides_of_a_stamp_is_one() {
    let parsed = read("[00:00.00] <00:00.04> When <00:00.16> the <00:00.82>  truth<00:01.00>  x\n");
    assert_eq!(shown(&parsed.layer), ["0 When the truth  x | When@40 the@160 truth@820 x@1000"]);
    let marked = read("[00:01.00]a <00:02.00> \u{301}b\n");
    assert_eq!(shown(&marked.layer), ["1000 a  \u{301}b | a@1000  \u{301}b@2000"]);
}

#[test]
fn voices_and_background() {
    let parsed = read(concat!(
        "[00:01.00]v1: <00:01.00>a <00:01.50>b\n[bg: <00:01.60>(c <00:01.80>d)<00:02.00>]\n[bg:e]\n",
        "[00:03.00][00:13.00]v2:f\n[bg: <00:03.50>g]\n[00:04.00]<00:04.00>v1000: <00:04.10>h\n[00:05.00]v1:30\n",
    ));
    assert_eq!(
        shown(&parsed.layer),
        ["1000 a b | a@1000 b@1500", "3000 f", "4000 h | h@4100", "5000 v1:30", "13000 f"]
    );
    let agent_and_background = |i: usize| {
        let line = &parsed.layer.lines()[i];
        let background = line.background().map(|phrase| {
            let words =
                phrase.words().iter().map(|word| format!(" {}@{}", phrase.word_text(word), word.start_ms));
            format!("{} |{}", phrase.text(), words.collect::<String>())
        });
        (line.agent().map(str::to_owned), background.unwrap_or_default())
    };
    assert_eq!(agent_and_background(0), (Some("v1".into()), "(c d) e | (c@1600 d)@1800 e@2000".into()));
    assert_eq!(agent_and_background(1), (Some("v2".into()), "g | g@3500".into()));
    assert_eq!(agent_and_background(2), (Some("v1000".into()), String::new()));
    assert_eq!(agent_and_background(4), (Some("v2".into()), "g | g@13500".into()));
    let kinds: Vec<_> = parsed.layer.agents().iter().map(|agent| (&*agent.id, agent.kind)).collect();
    use nada_lyrics::AgentKind::{Group, Voice};
    assert_eq!(kinds, [("v1", Voice), ("v2", Voice), ("v1000", Group)]);
    assert_eq!(warned(&parsed), []);
    // The written file names no singer, and is not read as if it did.
    let text = read("v1: a\n").layer;
    let line = Line::new(Some(0), None, text.lines()[0].phrase().clone()).unwrap();
    let layer = Layer::new(hint().lang, Kind::Main, vec![], vec![line]).unwrap();
    for flavour in [Flavour::Plain, Flavour::Enhanced] {
        assert_eq!(lrc::write(&layer, &LyricsTimeline::SOURCE, flavour), "[la:hi]\n[00:00.00]v1： a\n");
    }
}

#[test]
fn commas_and_an_empty_offset() {
    let parsed = read("[offset:]\n[00:01,02]<00:01,02>a <00:01,5>b\n");
    assert_eq!(shown(&parsed.layer), ["1020 a b | a@1020 b@1500"]);
    assert_eq!(warned(&parsed), [(1, 1, "an offset without a number; taken for 0")]);
}

#[test]
fn words_belong_to_the_stamp_before_them() {
    let parsed = read("[00:05.00][00:01.00]<00:01.00>a <00:01.50>b\n[00:20.00][00:30.00]<00:19.50>c\n");
    assert_eq!(
        shown(&parsed.layer),
        ["1000 a b | a@1000 b@1500", "5000 a b | a@5000 b@5500", "20000 c | c@19500", "30000 c | c@29500"]
    );
}

#[test]
fn utf16_reads_like_utf8() {
    let file = "[00:01.00]<00:01.00>क्षमा <00:02.00>👩‍🎤\r[00:03.00]x";
    let utf16: Vec<u8> = format!("\u{feff}{file}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(parse(&utf16, &hint()), Ok(read(file)));
}

#[test]
fn repeated_and_unsorted_lines() {
    let parsed = read("[01:10.00][00:10.00]<01:10.00>a <01:10.50>b<01:11.00>\n[00:20.00]c\n[00:05.00]d\n");
    assert_eq!(
        shown(&parsed.layer),
        ["5000 d", "10000 a b | a@10000 b@10500-11000", "20000 c", "70000 a b | a@70000 b@70500-71000"],
        "word times are those of the first stamp and move with the others"
    );
    assert_eq!(warned(&parsed), [(3, 1, "starts before the line above it; sorted by start")]);
}

#[test]
fn a_positive_offset_makes_lyrics_earlier_and_clamps_nothing() {
    let parsed = read("[00:00.20]<00:00.20>a <00:00.60>b\n[offset: +500]\n");
    assert_eq!(shown(&parsed.layer), ["-300 a b | a@-300 b@100"]);
    assert_eq!(parsed.metadata.offset_ms, 500);
    assert_eq!(shown(&read("[offset:-250]\n[00:01.00]a").layer), ["1250 a"]);
    assert_eq!(
        shown(&read("[OFFSET:100]\n[offset:0]\n[00:01.00]a").layer),
        ["1000 a"],
        "the last one counts"
    );
}

#[test]
fn hours_and_long_minutes() {
    let parsed = read("[1:02:03.5]a\n[75:00]b\n");
    assert_eq!(shown(&parsed.layer), ["3723500 a", "4500000 b"]);
}

#[test]
fn words_in_other_dialects() {
    let parsed =
        read("[00:01.00]a <00:02.00>b\n[00:03.00]a[00:03.50]b[00:04.00]\n[00:05.00]see [3:16] <3 [00:0x]\n");
    assert_eq!(
        shown(&parsed.layer),
        ["1000 a b | a@1000 b@2000", "3000 ab | a@3000 b@3500-4000", "5000 see [3:16] <3 [00:0x]",]
    );
    let parsed = read("[00:01.00]  <00:01.00> <00:01.50>  a  <00:02.00><00:03.00>  <00:04.00>b c  \n");
    assert_eq!(shown(&parsed.layer), ["1000 a  b c | a@1500-2000 b c@4000"]);
}

#[test]
fn words_out_of_order_are_moved_with_a_warning() {
    let parsed =
        read("[00:01.00]<00:02.00>a <00:01.00>b<00:01.50>\n[00:03.00]<00:03.00>a<00:05.00> <00:04.00>b\n");
    assert_eq!(shown(&parsed.layer), ["1000 a b | a@2000 b@2000-2000", "3000 a b | a@3000 b@4000"]);
    assert_eq!(
        warned(&parsed),
        [
            (1, 23, "before the start of the word before it; moved there"),
            (1, 34, "before the start of the word before it; moved there"),
            (2, 33, "before the end of the word before it; that ends here"),
        ]
    );
}

#[test]
fn a_stamp_inside_a_grapheme_cluster_moves_behind_it() {
    // न|ि: before a vowel sign. क्|ष: within a conjunct. त|े|रा: two stamps in one cluster.
    let parsed = read(
        "[00:01.00]<00:01.00>न<00:01.50>िला <00:02.00>क्<00:02.50>षमा <00:03.00>त<00:03.30>े<00:03.60>रा\n",
    );
    assert_eq!(shown(&parsed.layer), ["1000 निला क्षमा तेरा | नि@1000 ला@1500 क्ष@2000 मा@2500 ते@3000 रा@3600"]);
    assert_eq!(parsed.warnings.len(), 3);
    assert_eq!(warned(&parsed)[0], (1, 22, "inside the character \"नि\"; moved behind it"));
}

#[test]
fn text_is_normalised_and_stamps_stay_in_place() {
    // Decomposed é, a nukta letter with a composed form that NFC takes apart, Hangul jamo.
    let parsed = read(
        "[00:01.00]<00:01.00>cafe\u{301} <00:02.00>\u{95c} <00:03.00>\u{1112}\u{1161}\u{11ab}<00:04.00>\u{1100}\u{1173}\u{11af}\n",
    );
    let line = &parsed.layer.lines()[0];
    assert_eq!(line.text(), "café \u{921}\u{93c} 한글");
    assert_eq!(
        show(line),
        "1000 café ड़ 한글 | café@1000 ड़@2000 한@3000 글@4000".replace('\u{95c}', "\u{921}\u{93c}")
    );
    assert!(parsed.warnings.is_empty());
}

#[test]
fn what_is_left_out_is_named() {
    let parsed =
        read("[Verse 1: Both]\n[Chorus]\n[x-y:z]\n[foo:bar]\nplain\n[00:01.00]a\u{7}b\tc\n[length:soon]\n");
    assert_eq!(
        warned(&parsed),
        [
            (3, 1, "no time stamp: \"[x-y:z]\" left out"),
            (4, 1, "unknown tag \"foo\" left out"),
            (5, 1, "no time stamp: \"plain\" left out"),
            (6, 12, "control character U+0007 made a space"),
            (7, 1, "not a length; left out"),
        ]
    );
    assert_eq!(shown(&parsed.layer), ["1000 a b c"]);
    assert_eq!(parsed.layer.lines()[0].section(), Some("Chorus"), "the name of a section is not left out");
}

#[test]
fn errors_name_line_column_and_what_was_expected() {
    for (file, message) in [
        (
            "[00:01.00]a\n[00:0x.00]b",
            "line 2, column 1: expected a time stamp `mm:ss.xx`, found \"[00:0x.00]b\"",
        ),
        (
            "[00:01.00] [00:61.00]b",
            "line 1, column 12: expected minutes and seconds below 60 in a time stamp, found \"[00:61.00]b\"",
        ),
        ("[00:01.00]नि <00:1x>2", "line 1, column 14"),
        (
            "[00:01.00]a <00:02.00b",
            "line 1, column 13: expected a time stamp `mm:ss.xx` and its closing bracket",
        ),
        ("[-00:01.00]a", "line 1, column 1: expected a time stamp"),
        ("[00:01:02]a", "expected `mm:ss.xx`, or hours as `h:mm:ss.xx`"),
        ("[00:01.0000]a", "expected 1 to 3 digits after the decimal point"),
        ("[00:01.00]a\n[offset:9e99]", "line 2, column 1: expected an offset in whole milliseconds"),
        ("[offset:3600001]\n[00:01.00]a", "expected an offset in whole milliseconds, at most an hour"),
        ("[00:01.00]a\n<00:0x>b", "line 2, column 1: expected a time stamp"),
        ("[00:01.00]a\u{1b}[31m <00:0\u{1b}>", r#"found "<00:0\u{1b}>""#),
        ("", "no lyrics"),
        ("\0\0\0\0", "line 1, column 1: expected UTF-8"),
        ("[ti:x]\n\n", "no lyrics"),
    ] {
        let refused = refusal(file);
        assert!(refused.contains(message), "{file:?}: {refused}");
    }
    assert!(parse(&[0; 64], &hint()).is_err());
}

#[test]
fn latin_1_is_read_with_a_notice() {
    let english = Hint { lang: "en".parse().unwrap(), kind: Kind::Main };
    let parsed = parse(b"[00:01.00]do not be na\xefve", &english).unwrap();
    assert_eq!(shown(&parsed.layer), ["1000 do not be naïve"]);
    let parsed = parse(b"[00:01.00]caf\xe9", &hint()).unwrap();
    assert_eq!(shown(&parsed.layer), ["1000 café"]);
    assert_eq!((parsed.warnings[0].line, parsed.warnings[0].column), (1, 1));
    assert!(parsed.warnings[0].message.contains("windows-1252 (Latin-1)"));
}

#[test]
fn limits_are_kept() {
    let is_limit = |file: String, what: &str| match parse(file.as_bytes(), &hint()) {
        Err(e @ (Error::Line { .. } | Error::Limit { .. })) => assert!(e.to_string().contains(what), "{e}"),
        other => panic!("{what}: {:?}", other.map(|parsed| parsed.layer.lines().len())),
    };
    is_limit("[00:01.00]a\n".repeat(limit::LINES + 1), "line 10001, column 1: more than 10000 lines");
    is_limit(
        format!("{}a", "[00:01.00]".repeat(5000)).as_str().to_owned() + "\n" + &"[00:01.00]".repeat(5001),
        "10000 lines",
    );
    is_limit(
        format!("[00:01.00]{}", "<00:01.00>a".repeat(limit::WORDS_PER_LINE + 1)),
        "1000 words in a line",
    );
    let words = "<00:01.00>a".repeat(limit::WORDS_PER_LINE);
    is_limit(format!("{}{words}", "[00:01.00]".repeat(101)), "100000 words in a layer");
    is_limit(format!("[00:01.00]{}", "क".repeat(limit::TEXT_BYTES / 3 + 1)), "4096 bytes of text");
    is_limit(
        format!("[00:01.00]{}", " ".repeat(limit::SOURCE_LINE_BYTES)),
        "65536 bytes in a line of a file",
    );
    assert!(matches!(parse(&vec![b'\n'; limit::FILE_BYTES + 1], &hint()), Err(Error::TooLarge { .. })));

    let descending: String =
        (0..2000).rev().map(|s| format!("[{:02}:{:02}.00]x\n", s / 60, s % 60)).collect();
    let parsed = read(&descending);
    assert_eq!(parsed.warnings.len(), limit::WARNINGS + 1);
    assert!(parsed.warnings.last().unwrap().message.contains("left out from here on"));
}
