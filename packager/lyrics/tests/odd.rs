//! Files that are a little off, and lines that lie outside their track.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use core::num::NonZeroU32;

use nada_lyrics::{Hint, Kind, Lyrics, LyricsTimeline, Parsed, json, lrc, parse, srt, ttml, vtt};
use serde_json::Value;

fn hint() -> Hint {
    Hint { lang: "en".parse().unwrap(), kind: Kind::Main }
}

fn read(file: &str) -> Parsed {
    parse(file.as_bytes(), &hint()).unwrap_or_else(|e| panic!("{e}\n{file}"))
}

/// The ten seconds of a track without priming.
fn ten_seconds() -> LyricsTimeline {
    LyricsTimeline::media(0, NonZeroU32::new(1000).unwrap(), 10_000)
}

/// What each writer shows of a file, as `start-end text`: WebVTT, SubRip, the cue lines of JSON, TTML; and LRC.
struct Shown {
    vtt: Vec<String>,
    srt: Vec<String>,
    cue_lines: Vec<String>,
    ttml: Vec<String>,
    lrc: String,
}

fn cues(file: &str) -> Vec<String> {
    let blocks = file.split("\n\n").filter_map(|block| block.split_once(" --> "));
    let ms = |time: &str| {
        let fields =
            time.split([':', '.', ',']).map(|field| field.parse::<u64>().unwrap()).collect::<Vec<_>>();
        ((fields[0] * 60 + fields[1]) * 60 + fields[2]) * 1000 + fields[3]
    };
    blocks
        .map(|(before, after)| {
            let (end, text) = after.split_once('\n').unwrap();
            let text: String = text
                .trim()
                .split('<')
                .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
                .collect();
            format!("{}-{} {text}", ms(before.lines().last().unwrap()), ms(end))
        })
        .collect()
}

fn shown(file: &str, timeline: &LyricsTimeline) -> Shown {
    let layer = read(file).layer;
    let lyrics = Lyrics::new(vec![layer.clone()]).unwrap();
    let json: Value = serde_json::from_str(&json::write(&lyrics, timeline, None)).unwrap();
    let lines = json["structuredLyrics"][0]["line"].as_array().unwrap().len();
    assert_eq!(lines, layer.lines().len(), "`index` counts lines");
    let cue_lines = json["structuredLyrics"][0]["cueLine"].as_array().cloned().unwrap_or_default();
    let cue_line =
        |line: &Value| format!("{}-{} {}", line["start"], line["end"], line["value"].as_str().unwrap());
    let ttml = ttml::write(&lyrics, timeline, None);
    let again = read(&ttml).layer;
    let lasting =
        again.lines().iter().filter(|line| line.end_ms() != line.start_ms() && !line.text().is_empty());
    Shown {
        vtt: cues(&vtt::write(&layer, timeline)),
        srt: cues(&srt::write(&layer, timeline)),
        cue_lines: cue_lines.iter().map(cue_line).collect(),
        ttml: lasting.map(|line| line.text().to_owned()).collect(),
        lrc: lrc::write(&layer, timeline, lrc::Flavour::Plain),
    }
}

#[test]
fn what_is_over_before_the_track_is_not_shown_at_its_beginning() {
    let lines = shown("[offset:+3000]\n[00:01.00]a\n[00:02.00]b\n[00:05.00]c\n[00:06.00]d\n", &ten_seconds());
    assert_eq!(lines.vtt, ["0-2000 b", "2000-3000 c", "3000-10000 d"]);
    assert_eq!(lines.srt, lines.vtt);
    assert_eq!(lines.ttml, ["b", "c", "d"]);
    assert_eq!(lines.lrc, "[la:en]\n[00:00.00]b\n[00:02.00]c\n[00:03.00]d\n");
    let words = shown(
        "[offset:+3000]\n[00:01.00]<00:01.00>a <00:01.50>x\n[00:02.00]<00:02.00>b <00:03.50>y\n[00:05.00]<00:05.00>c <00:05.50>z\n",
        &ten_seconds(),
    );
    assert_eq!(words.cue_lines, ["0-2000 b y", "2000-10000 c z"]);
    assert_eq!(words.vtt, ["0-2000 b y", "2000-10000 c z"]);
    // Over exactly when the track begins; with an end of its own; all of them.
    let exact = shown("[offset:+2000]\n[00:01.00]<00:01.00>a\n[00:02.00]<00:02.00>b\n", &ten_seconds());
    assert_eq!((exact.vtt, exact.cue_lines), (vec!["0-10000 b".into()], vec!["0-10000 b".into()]));
    let ended = shown("[offset:+5000]\n[00:01.00]a[00:02.00]\n[00:09.00]b\n", &ten_seconds());
    assert_eq!((ended.vtt, ended.srt), (vec!["4000-10000 b".into()], vec!["4000-10000 b".to_owned()]));
    let none =
        shown("[offset:+9000]\n[00:01.00]<00:01.00>a\n[00:02.00]<00:02.00>b\n[00:03.00]\n", &ten_seconds());
    assert_eq!((none.vtt.len(), none.srt.len(), none.cue_lines.len(), none.ttml.len()), (0, 0, 0, 0));
    assert_eq!(none.lrc, "[la:en]\n[00:00.00]\n", "still LRC");
}

#[test]
fn what_begins_when_the_track_is_over_is_not_shown_at_its_end() {
    let lines =
        shown("[00:09.00]<00:09.00>a\n[00:10.00]<00:10.00>b\n[00:11.00]<00:11.00>c\n", &ten_seconds());
    assert_eq!(lines.vtt, ["9000-10000 a"]);
    assert_eq!((&lines.srt, &lines.cue_lines), (&lines.vtt, &lines.vtt));
    assert_eq!(lines.lrc, "[la:en]\n[00:09.00]a\n");
}

#[test]
fn backgrounds_words_and_lines_without_a_duration_keep_to_the_track() {
    let late = shown("[00:08.00]<00:08.00>a [bg: <00:10.50>b]\n", &ten_seconds());
    assert_eq!(
        (&late.vtt, &late.cue_lines),
        (&vec!["8000-10000 a".to_owned()], &vec!["8000-10000 a".to_owned()])
    );
    let early = shown(
        "[offset:+2000]\n[00:01.00]<00:01.00>a <00:03.00>x [bg: <00:01.20>b]\n[00:06.00]c\n",
        &ten_seconds(),
    );
    assert_eq!(early.vtt, ["0-4000 a x", "0-4000 b", "4000-10000 c"]);
    assert_eq!(early.cue_lines, ["0-4000 a x", "0-4000 b"]);
    let point = "<tt><body><p begin='1' end='1'>a</p><p begin='2' end='3'>b</p></body></tt>";
    assert_eq!(shown(point, &ten_seconds()).vtt, ["2000-3000 b"]);
    // Lines at one time that lies before the track are over together.
    let together =
        shown("[offset:+3000]\n[00:01.00]a\n[00:01.00]b\n[00:02.00]c\n[00:04.00]d\n", &ten_seconds());
    assert_eq!(together.vtt, ["0-1000 c", "1000-10000 d"]);
}

fn lines(parsed: &Parsed) -> Vec<String> {
    let ms = |ms: Option<i64>| ms.map_or_else(String::new, |ms| ms.to_string());
    let line =
        |line: &nada_lyrics::Line| format!("{}-{} {}", ms(line.start_ms()), ms(line.end_ms()), line.text());
    parsed.layer.lines().iter().map(line).collect()
}

fn refusal(file: &str) -> String {
    parse(file.as_bytes(), &hint()).expect_err("refused").to_string()
}

#[test]
fn arrows_of_subtitles_have_many_forms() {
    for arrow in [
        "->",
        " -> ",
        "—>",
        " –> ",
        " - -> ",
        " -- > ",
        " → ",
        " ⟶ ",
        " --&gt; ",
        " -&gt; ",
        " — ",
        " - ",
        "-->",
        " ---> ",
        " ==> ",
        "\t-->\t",
        " \u{2013}\u{2013}> ",
        " \u{200e}--> ",
        " －－＞ ",
        " => ",
        " ➔ ",
        " >> ",
    ] {
        let file =
            format!("1\n00:00:01,000{arrow}00:00:02,000\na\n\n2\n00:00:03,000{arrow}00:00:04,000\nb\n");
        let parsed = read(&file);
        assert_eq!(lines(&parsed), ["1000-2000 a", "3000-4000 b"], "{arrow}");
        let exact = arrow.trim() == "-->";
        assert_eq!(parsed.warnings.len(), if exact { 0 } else { 2 }, "{arrow}: {:?}", parsed.warnings);
        assert!(exact || (parsed.warnings[0].line, parsed.warnings[0].column) == (2, 1), "{arrow}");
    }
}

#[test]
fn times_of_subtitles_have_many_forms() {
    for (start, end) in [
        ("00:00:01.000", "00:00:02.000"),
        ("00:00:01,0", "00:00:02,00"),
        ("00:01,000", "00:02,000"),
        ("0:0:1,000", "0:0:2,000"),
        ("00:00:01", "00:00:02"),
        ("00：00：01，000", "00：00：02，000"),
        ("００:００:０１,０００", "００:００:０２,０００"),
        ("00: 00: 01, 000", "00: 00: 02, 000"),
        ("00:00:01:000", "00:00:02:000"),
        ("00:00:01;000", "00:00:02;000"),
        ("००:००:०१,०००", "००:००:०२,०००"),
    ] {
        for number in ["1\n", ""] {
            let parsed = read(&format!("{number}{start} --> {end}\na\n\n"));
            assert_eq!(lines(&parsed), ["1000-2000 a"], "{start}");
            assert_eq!(
                parsed.warnings.is_empty(),
                start.is_ascii()
                    && !start.contains([' ', ';'])
                    && start.len() < 13
                    && start.matches(':').count() < 3,
                "{start}"
            );
        }
    }
    let credits = "A song\nby A\nwords by B\nread by C\nand D\n\n1\n00:00:01,000 --> 00:00:02,000\na\n";
    let parsed = read(credits);
    assert_eq!(lines(&parsed), ["1000-2000 a"]);
    assert!(parsed.warnings.iter().any(|warning| warning.message.contains("\"A song\" left out")));
    for (file, line) in [
        ("1\n00:00:01,000 --> later\na\n", 2),
        ("a\nb\nc\nd\n\n1\n00:00:01,000 --> 00:00:0x,000\na\n", 7),
        ("1\n00:00:01,000 -> 00:00:99,000\na\n", 2),
        ("1\n00:00:01,00000 -> 00:00:02,00000\na\n", 2),
    ] {
        assert!(
            refusal(file).contains(&format!("line {line}, column"))
                && refusal(file).contains("expected two times"),
            "{}",
            refusal(file)
        );
    }
    assert!(!read("10:30 - 11:45\nworking\n").layer.synced());
    assert!(!read("10:30 -> 11:45\nworking\n").layer.synced());
}

#[test]
fn webvtt_is_told_without_its_first_line() {
    for (head, warned) in
        [("webvtt\n\n", 1), ("WebVTT\n\n", 1), ("\n\nWEBVTT\n\n", 1), ("WEBVTT\n\n", 0), ("", 1)]
    {
        let parsed = read(&format!("{head}00:01.000 --> 00:03.000\n<v Lata>a <00:02.000>b\n"));
        let line = &parsed.layer.lines()[0];
        assert_eq!((line.text(), line.words().len(), line.agent()), ("a b", 2, Some("v1")), "{head}");
        assert_eq!(parsed.warnings.len(), warned, "{head}: {:?}", parsed.warnings);
    }
    let arrow = read("WEBVTT\n\n00:01.000 -> 00:03.000\na\n");
    assert_eq!((lines(&arrow), arrow.warnings.len()), (vec!["1000-3000 a".into()], 1));
}

#[test]
fn text_is_no_time_in_a_file_that_is_written() {
    for text in
        ["00:00:01,000 --> 00:00:02,000", "00:00:01,000 → 00:00:02,000", "a <00:01.000>b", "<v Lata> a"]
    {
        let line =
            nada_lyrics::Line::new(Some(0), Some(900), nada_lyrics::Phrase::new(text, vec![]).unwrap())
                .unwrap();
        let layer = nada_lyrics::Layer::new(hint().lang, Kind::Main, vec![], vec![line]).unwrap();
        let written = srt::write(&layer, &LyricsTimeline::SOURCE);
        let parsed = read(&written);
        assert_eq!((parsed.layer.lines().len(), parsed.warnings.len()), (1, 0), "{written}");
        let length = parsed.layer.lines()[0].text().chars().count();
        assert!(length.abs_diff(text.chars().count()) <= 2, "{written}");
        let lyrics = Lyrics::new(vec![layer]).unwrap();
        assert!(!nada_lyrics::losses(&lyrics, nada_lyrics::OutputFormat::Srt).is_empty());
    }
    for text in ["［00:09.00］x", "(00:09.00) x", "【00:09.00】x", "[ 00:09.00 ]x", "(00:09)x"] {
        let lyrics = |text: &str| {
            let line =
                nada_lyrics::Line::new(None, None, nada_lyrics::Phrase::new(text, vec![]).unwrap()).unwrap();
            Lyrics::new(vec![
                nada_lyrics::Layer::new(hint().lang, Kind::Main, vec![], vec![line.clone(), line]).unwrap(),
            ])
            .unwrap()
        };
        let written = nada_lyrics::write(&lyrics(text), nada_lyrics::OutputFormat::Lrc);
        assert!(!read(&written).layer.synced(), "{written}");
        assert!(!nada_lyrics::losses(&lyrics(text), nada_lyrics::OutputFormat::Lrc).is_empty(), "{text}");
    }
}

#[test]
fn stamps_of_lrc_have_many_forms() {
    for stamp in [
        "［00:10.50］",
        "［００：１０．５０］",
        "【00:10.50】",
        "〔00:10.50〕",
        "(00:10.50)",
        "（00：10.50）",
        "{00:10.50}",
        "「00:10.50」",
        "[00：10．50]",
        "[ 00:10.50 ]",
        "[00: 10.50]",
        "[００:１０.５０]",
        "[\u{200b}00:10.50]",
        "[००:१०.५०]",
        "[00:10。50]",
        "[00;10.50]",
        "《00:10.50》",
        "[0：10.5]",
    ] {
        let parsed = read(&format!("[ti:T]\n{stamp}a\n{stamp} [00:12.00]{stamp}b\n"));
        assert_eq!(lines(&parsed), ["10500- a", "10500- b", "10500- b", "12000- b"], "{stamp}");
        let warned =
            parsed.warnings.iter().filter(|warning| warning.message.contains("other brackets")).count();
        assert_eq!((warned, parsed.warnings[0].line), (1, 2), "{stamp}: {:?}", parsed.warnings);
    }
    let seconds = read("(00:10) a\n(00:12) b\n(00:14) c\n");
    assert_eq!(lines(&seconds), ["10000- a", "12000- b", "14000- c"]);
    for text in
        ["(3:16)\nJohn\nla\nla\n", "(a 00:10.50)\n", "[x2] la\n", "{1:30}\nla\nla\nla\n", "(0:99.50) a\n"]
    {
        assert!(!read(text).layer.synced(), "{text}");
    }
    for (file, line) in [
        ("[00:10.50 a\n", 1),
        ("[ti:T]\n[00:10.50） a\n", 2),
        ("［00：99．50］ a\n", 1),
        ("[00:01.00]a\n[00:10.50\n", 2),
    ] {
        assert!(refusal(file).contains(&format!("line {line}, column 1: expected")), "{}", refusal(file));
    }
    assert!(refusal("00:10.50] a\n00:12.50] b\n").contains("put each time in brackets"));
}

#[test]
fn ttml_behind_something_else() {
    let tt = "<tt xmlns=\"http://www.w3.org/ns/ttml\"><body><p begin=\"1\">a</p></body></tt>";
    assert_eq!(lines(&read("la\n<tt><body><p begin='1'>a</p></body></tt>")), ["1000- a"]);
    for junk in ["HTTP/1.1 200 OK\n\n", "x", "ttml:\n<?xml version=\"1.0\"?>", "la\nla\n"] {
        let parsed = read(&format!("{junk}{tt}"));
        assert_eq!(lines(&parsed), ["1000- a"], "{junk}");
        assert_eq!(parsed.warnings.len(), 1, "{junk}: {:?}", parsed.warnings);
    }
    assert!(refusal("x\n<tt xmlns=\"a\"><body><p begin=\"soon\">a</p></body></tt>").starts_with("line 2"));
}

#[test]
fn unseen_characters_hide_nothing() {
    for c in [
        '\u{feff}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}',
        '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{2060}', '\u{ad}', '\u{200d}',
        '\u{61c}',
    ] {
        let lrc = read(&format!(
            "{c}[ti:T]\n{c}[00:01.00]a\n {c}{c}[00:02.00]{c}[00:03.00]b\n{c}\n{c}<00:04.00>c\n{c}[bg: d]\n"
        ));
        assert_eq!(lines(&lrc), ["1000- a", "2000- b", "3000- b", "4000- c"], "{c:?}");
        assert_eq!(
            (lrc.metadata.title.as_deref(), lrc.warnings.len()),
            (Some("T"), 0),
            "{c:?}: {:?}",
            lrc.warnings
        );
        assert_eq!(lrc.layer.lines()[3].background().map(|phrase| phrase.text()), Some("d"));
        let srt = read(&format!(
            "{c}1\n{c}00:00:01,000 --> 00:00:02,000{c}\na\n{c}\n{c}2\n{c}00:00:03,000 --> 00:00:04,000\nb\n"
        ));
        assert_eq!(
            (lines(&srt), srt.warnings.len()),
            (vec!["1000-2000 a".into(), "3000-4000 b".to_owned()], 0),
            "{c:?}"
        );
        let vtt = read(&format!("{c}WEBVTT\n\n{c}00:01.000 --> 00:02.000\na\n"));
        assert_eq!((lines(&vtt), vtt.warnings.len()), (vec!["1000-2000 a".to_owned()], 0), "{c:?}");
        let tt = "<?xml version=\"1.0\"?><tt xmlns=\"http://www.w3.org/ns/ttml\"><body><p begin=\"1\">a</p></body></tt>";
        let ttml = read(&format!("{c}{c}{tt}"));
        assert_eq!((lines(&ttml), ttml.warnings.len()), (vec!["1000- a".to_owned()], 0), "{c:?}");
        let yaml = read(&format!("{c}version: '1.0'\n{c}lines:\n{c}- text: a\n  {c}start_ms: 1000\n"));
        assert_eq!((lines(&yaml), yaml.warnings.len()), (vec!["1000- a".to_owned()], 0), "{c:?}");
        let inside = read(&format!("[00:01.00]{c}a{c}b\n"));
        assert_eq!(inside.layer.lines()[0].text(), format!("{c}a{c}b"), "text stays as it is");
    }
    let conjunct = read("[00:01.00]क्\u{200d}ष می\u{200c}خواهم\n");
    assert_eq!(conjunct.layer.lines()[0].text(), "क्\u{200d}ष می\u{200c}خواهم");
    assert_eq!(read("\u{200f}שלום\n").layer.lines()[0].text(), "\u{200f}שלום");
}

#[test]
fn references_and_breaks_are_read() {
    let lrc = read(
        "[ti:Rock &amp; Roll]\n[00:01.00]don&#39;t &lt;3 R&B &quot;a&quot;&nbsp;<00:02.00>you&apos;re &amp;amp; &foo; &amp\n",
    );
    assert_eq!(lrc.layer.lines()[0].text(), "don't <3 R&B \"a\"\u{a0}you're &amp; &foo; &amp");
    assert_eq!((lrc.metadata.title.as_deref(), lrc.warnings.len()), (Some("Rock & Roll"), 0));
    let srt = read(
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}a\\Nb &amp;<i>&#x915;</i>\\h c\\n(d)\n{\\an8}e \\name\n",
    );
    assert_eq!(lines(&srt), ["1000-2000 a b &क  c (d) e \\name"]);
    assert_eq!(read("Rock &amp; Roll\nR&B\n").layer.lines()[0].text(), "Rock & Roll");
    // What is a text stays one in a file that is written, as far as its format can say so.
    let text = "&amp; a\\Nb &#39;";
    let line = |start| {
        nada_lyrics::Line::new(
            start,
            start.map(|at: i64| at + 900),
            nada_lyrics::Phrase::new(text, vec![]).unwrap(),
        )
        .unwrap()
    };
    for (start, target) in [
        (Some(0), nada_lyrics::OutputFormat::Lrc),
        (Some(0), nada_lyrics::OutputFormat::Srt),
        (None, nada_lyrics::OutputFormat::Lrc),
    ] {
        let layer = nada_lyrics::Layer::new(hint().lang, Kind::Main, vec![], vec![line(start)]).unwrap();
        let lyrics = Lyrics::new(vec![layer]).unwrap();
        assert!(
            nada_lyrics::losses(&lyrics, target)
                .iter()
                .any(|loss| loss.what.to_string().contains("full-width"))
        );
        let again = read(&nada_lyrics::write(&lyrics, target)).layer.lines()[0].text().to_owned();
        assert!(again.starts_with("＆amp; a") && again.ends_with("＆#39;"), "{again}");
    }
}

#[test]
fn text_behind_a_blank_line_stays_in_its_block() {
    let parsed = read(concat!(
        "credits\n\n1\n00:00:01,000 --> 00:00:02,000\na\n\nb\nc\n\n2\n\n00:00:03,000 --> 00:00:04,000\n\nd\n\n7\n\n",
        "3\n00:00:05,000 --> 00:00:06,000\ne\n\n1984\n",
    ));
    assert_eq!(lines(&parsed), ["1000-2000 a b c", "3000-4000 d 7", "5000-6000 e 1984"]);
    let warned: Vec<_> =
        parsed.warnings.iter().map(|warning| (warning.line, warning.message.contains("goes on"))).collect();
    assert_eq!(warned, [(1, false), (7, true), (14, true)]);
}

#[test]
fn words_of_webvtt_are_objects_that_a_style_sheet_finds() {
    let layer = read(
        "[00:01.00]<00:01.00>a & <00:01.50>b, <00:02.00>c<00:02.50>\n[00:03.00]<00:03.00>d\n[00:04.00]e f\n",
    )
    .layer;
    let written = vtt::write(&layer, &LyricsTimeline::SOURCE);
    assert!(
        written.contains("\n<c>a &amp; </c><00:00:01.500><c>b, </c><00:00:02.000><c>c</c>\n"),
        "{written}"
    );
    assert!(
        written.contains("\nd\n") && written.contains("\ne f\n"),
        "nothing is past or to come in them: {written}"
    );
    let again = read(&written);
    assert_eq!((again.layer.lines()[0].words().len(), again.warnings.len()), (3, 0));
}

#[test]
fn lines_at_once_have_voices_of_their_own() {
    let vtt = read(concat!(
        "WEBVTT\n\n00:01.000 --> 00:05.000\na\n\n00:02.000 --> 00:04.000\nb\n\n00:03.000 --> 00:06.000\nc\n\n",
        "00:05.500 --> 00:07.000\nd\n\n00:08.000 --> 00:09.000\ne\n",
    ));
    let yaml = read(concat!(
        "lines:\n- {text: a, start_ms: 1000, end_ms: 5000}\n- {text: b, start_ms: 2000, end_ms: 4000}\n- {text: c, start_ms: 3000, end_ms: 6000}\n",
        "- {text: d, start_ms: 5500, end_ms: 7000}\n- {text: e, start_ms: 8000, end_ms: 9000}\n",
    ));
    for parsed in [vtt, yaml] {
        let sung = |line: &nada_lyrics::Line| {
            format!("{} {} {}", line.text(), line.end_ms().unwrap(), line.agent().unwrap())
        };
        let sung: Vec<_> = parsed.layer.lines().iter().map(sung).collect();
        assert_eq!(sung, ["a 5000 v1", "b 4000 v2", "c 6000 v3", "d 7000 v1", "e 9000 v1"]);
        assert_eq!(parsed.layer.agents().len(), 3);
        let messages: Vec<_> = parsed.warnings.iter().map(|warning| warning.message.clone()).collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].contains("both go on, each with a voice of its own: 2 times"), "{messages:?}");
    }
    // One after the other, of one start, or of a voice that the file names: nothing is made up.
    for (file, agents) in [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:02.000 --> 00:04.000\nb\n", 0),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:01.000 --> 00:02.000\nb\n", 0),
        ("WEBVTT\n\n00:01.000 --> 00:03.000\n<v Lata>a\n\n00:02.000 --> 00:04.000\nb\n", 1),
    ] {
        let parsed = read(file);
        assert_eq!((parsed.layer.agents().len(), parsed.warnings.len()), (agents, 0), "{file}");
        assert!(
            parsed.layer.lines()[0].end_ms().is_none()
                || agents > 0
                || file.contains("00:01.000 --> 00:02.000\nb")
        );
    }
    let named = read("WEBVTT\n\n00:01.000 --> 00:03.000\n<v Lata>a\n\n00:02.000 --> 00:04.000\n<v Lata>b\n");
    assert_eq!((lines(&named), named.warnings.len()), (vec!["1000- a".into(), "2000-4000 b".to_owned()], 1));
    let many: String =
        (0..70).map(|n| format!("00:00:{:02}.000 --> 00:09:00.000\n{n}\n\n", n % 60)).collect();
    assert!(read(&format!("WEBVTT\n\n{many}")).layer.agents().len() <= 64);
}

#[test]
fn stamps_of_words_have_many_forms() {
    for file in [
        "[00:01.00]&lt;00:01.00&gt;a &lt;00:01.50&gt;b\n",
        "[00:01.00]＜00:01.00＞a ＜00:01.50＞b\n",
        "［00:01.00］＜00:01.00＞a ＜00:01.50＞b\n",
        "[00:01.00]<00：01.00>a <００:０１.５０>b\n",
        "＜00:01.00＞a ＜00:01.50＞b\n",
    ] {
        let parsed = read(file);
        let line = &parsed.layer.lines()[0];
        let starts: Vec<_> = line.words().iter().map(|word| word.start_ms).collect();
        assert_eq!((line.text(), starts, parsed.warnings.len()), ("a b", vec![1000, 1500], 1), "{file}");
    }
    for text in ["＜00:01.00＞a", "&lt;00:01.00&gt;a", "<00：01.00>a"] {
        let line =
            nada_lyrics::Line::new(Some(0), None, nada_lyrics::Phrase::new(text, vec![]).unwrap()).unwrap();
        let layer = nada_lyrics::Layer::new(hint().lang, Kind::Main, vec![], vec![line]).unwrap();
        let parsed = read(&lrc::write(&layer, &LyricsTimeline::SOURCE, lrc::Flavour::Enhanced));
        assert!(parsed.warnings.is_empty() && !parsed.layer.words_timed(), "{text}: {parsed:?}");
        assert!(
            !nada_lyrics::losses(&Lyrics::new(vec![layer]).unwrap(), nada_lyrics::OutputFormat::Lrc)
                .is_empty(),
            "{text}"
        );
    }
}

#[test]
fn text_behind_the_times_of_subrip_is_kept() {
    let parsed = read("00:00:01,000 --> 00:00:02,000 Hello\nworld\n00:00:03 - 00:00:04 again\n");
    assert_eq!(lines(&parsed), ["1000-2000 Hello world", "3000-4000 again"]);
    assert!(
        parsed.warnings.iter().any(|warning| warning.message.contains("text behind the times: \"Hello\""))
    );
    let placed = read(
        "1\n00:00:01,000 --> 00:00:02,000 X1:40 X2:600 Y1:20 Y2:50\na\n\n2\n00:00:03,000 --> 00:00:04,000 align:start line:90%\nb\n",
    );
    assert_eq!(
        (lines(&placed), placed.warnings.len()),
        (vec!["1000-2000 a".into(), "3000-4000 b".to_owned()], 0)
    );
}
