//! LRC as its many writers have it: voices, backgrounds, ends of lines, sections, stamps that are a little off.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use nada_lyrics::{AgentKind, Hint, Kind, Line, LyricsTimeline, Parsed, Phrase, lrc, parse};

fn read_as(lang: &str, file: &str) -> Parsed {
    let hint = Hint { lang: lang.parse().unwrap(), kind: Kind::Main };
    parse(file.as_bytes(), &hint).unwrap_or_else(|e| panic!("{e}\n{file}"))
}

fn read(file: &str) -> Parsed {
    read_as("hi", file)
}

fn refusal(file: &str) -> String {
    let hint = Hint { lang: "hi".parse().unwrap(), kind: Kind::Main };
    parse(file.as_bytes(), &hint).expect_err("refused").to_string()
}

fn words(phrase: &Phrase) -> String {
    let mut shown = phrase.text().to_owned();
    for word in phrase.words() {
        shown += &format!(" {}@{}", phrase.word_text(word), word.start_ms);
        if let Some(end) = word.end_ms {
            shown += &format!("-{end}");
        }
    }
    shown
}

/// `start-end agent: text word@start | background`.
fn show(line: &Line) -> String {
    let end = line.end_ms().map(|end| format!("-{end}")).unwrap_or_default();
    let agent = line.agent().map(|agent| format!("{agent}: ")).unwrap_or_default();
    let behind = line.background().map(|phrase| format!(" | {}", words(phrase))).unwrap_or_default();
    format!("{}{end} {agent}{}{behind}", line.start_ms().unwrap(), words(line.phrase()))
}

fn shown(parsed: &Parsed) -> Vec<String> {
    parsed.layer.lines().iter().map(show).collect()
}

fn warned(parsed: &Parsed) -> Vec<(usize, usize, &str)> {
    parsed.warnings.iter().map(|w| (w.line, w.column, w.message.as_str())).collect()
}

#[test]
fn backgrounds_stand_wherever_writers_put_them() {
    let parsed = read(concat!(
        // at the end of the line, in the middle, without words, several, with brackets within
        "[00:01.00]v1: <00:01.00>a <00:01.50>b<00:01.80> [bg: <00:01.60>(c <00:01.70>d)<00:02.00>]\n",
        "[00:03.00]v2:<00:03.00>a [bg:<00:03.50>x<00:03.60>]<00:03.70>b\n",
        "[00:05.00]text [bg: (ooh)] [BG:[aah]]\n",
        // on the next line, two on one
        "[00:06.00]a\n[bg: <00:06.50>b] [bg: v2: c]\n",
        // marked, with a stamp of its own
        "[00:07.00]{agent:v1}a\n[00:07.50]{bg}b c\n[00:07.80]bg: d\n[00:07.90][bg: <00:07.95>e]\n",
    ));
    assert_eq!(
        shown(&parsed),
        [
            "1000 v1: a b a@1000 b@1500-1800 | (c d) (c@1600 d)@1700-2000",
            "3000 v2: a b a@3000 b@3700 | x x@3500-3600",
            "5000 text | (ooh) [aah]",
            "6000 a | b c b c@6500",
            "7000 v1: a | b c d e b c@7500 d@7800 e@7950",
        ]
    );
    assert_eq!(warned(&parsed), []);
    let open = read("[00:01.00]a [bg: <00:01.50>b\n");
    assert_eq!(shown(&open), ["1000 a | b b@1500"]);
    assert_eq!(
        warned(&open),
        [(1, 17, "no bracket closes the background; it lasts until the end of the line")]
    );
}

#[test]
fn every_repeat_has_its_background_and_its_end() {
    let parsed =
        read("[00:01.00][00:11.00]a[00:03.00] [bg: b]\n[00:21.00][00:31.00]<00:21.00>c [bg: <00:21.50>d]\n");
    assert_eq!(
        shown(&parsed),
        [
            "1000-3000 a | b",
            "11000-13000 a | b",
            "21000 c c@21000 | d d@21500",
            "31000 c c@31000 | d d@31500"
        ]
    );
}

#[test]
fn columns_are_those_of_the_file_behind_a_background() {
    let parsed = read("[00:01.00]a [bg: b] <00:01.50>c\u{7}d  \n");
    assert_eq!(warned(&parsed), [(1, 32, "control character U+0007 made a space")]);
    assert!(refusal("[00:01.00]a [bg: b] <00:0x>c\n").contains("column 21"));
    assert!(refusal("[00:01.00]a [bg: <00:0x>b]\n").contains("column 18"));
}

#[test]
fn walaoke_says_who_sings_from_a_line_on() {
    let parsed = read(concat!(
        "[00:12.00]a\n[00:17.20]F: b\n[00:21.10]M:c\n[00:24.00]d\n[00:28.25]D: e\n[00:29.02]f\n",
        "[00:30.00][F]g\n[00:31.00]h\n[M]\n[00:32.00]i\n[00:33.00][v1] j\n",
    ));
    let singers: Vec<_> = parsed.layer.lines().iter().map(|line| line.agent().unwrap_or("-")).collect();
    assert_eq!(singers, ["-", "F", "M", "M", "D", "D", "F", "F", "M", "v1"]);
    let text: String = parsed.layer.lines().iter().map(Line::text).collect();
    assert_eq!(text, "abcdefghij");
    let kind = |id| parsed.layer.agents().iter().find(|agent| agent.id == id).map(|agent| agent.kind);
    assert_eq!((kind("F"), kind("D")), (Some(AgentKind::Voice), Some(AgentKind::Group)));
    assert_eq!(warned(&parsed), []);
}

#[test]
fn v1000_are_all_in_every_format() {
    let lrc = read("[00:01.00]v1000: a\n");
    let ttml = read(
        "<tt xmlns:ttm=\"http://www.w3.org/ns/ttml#metadata\"><body><p begin=\"1\" ttm:agent=\"v1000\">a</p></body></tt>",
    );
    for parsed in [lrc, ttml] {
        assert_eq!(parsed.layer.agents()[0].kind, AgentKind::Group);
    }
}

#[test]
fn a_stamp_behind_the_text_ends_the_line() {
    let parsed = read(
        "[00:20.00]Hello World[00:23.13]\n[00:25.00]again <00:26.00>\n[00:30.00]v1: c[00:31.00][00:31.50]\n",
    );
    assert_eq!(shown(&parsed), ["20000-23130 Hello World", "25000-26000 again", "30000-31000 v1: c"]);
    assert!(!parsed.layer.words_timed());
    assert_eq!(warned(&parsed), []);
    // Words are words, one or many.
    let words = read("[00:01.00]<00:01.00>Hello<00:02.00>\n[00:03.00]a [00:03.50]b[00:04.00]\n");
    assert_eq!(shown(&words), ["1000 Hello Hello@1000-2000", "3000 a b a@3000 b@3500-4000"]);
    let odd = read("[00:05.00]a[00:05.00]\n[00:06.00]b[00:04.00]\n[00:07.00]c[00:09.00]\n[00:08.00]d\n");
    assert_eq!(shown(&odd), ["5000 a", "6000 b", "7000 c", "8000 d"]);
    assert_eq!(
        warned(&odd),
        [
            (1, 12, "ends before it starts; its end left out"),
            (2, 12, "ends before it starts; its end left out"),
            (4, 1, "starts before the end of the line above it, of the same voice; that ends here"),
        ]
    );
}

#[test]
fn sections_are_no_tags() {
    let names = |parsed: &Parsed| -> Vec<String> {
        parsed.layer.lines().iter().map(|line| line.section().unwrap_or("-").to_owned()).collect()
    };
    let plain = "[ti:T]\n[Intro]\na\n[Chorus: Lata]\nb\nc\n[Verse 1: Kishore & Lata]\nd\n[reff: semua]\ne\n";
    let parsed = read(plain);
    assert_eq!(names(&parsed), ["Intro", "Chorus: Lata", "-", "Verse 1: Kishore & Lata", "reff: semua"]);
    assert_eq!((warned(&parsed), parsed.metadata.title.as_deref()), (vec![], Some("T")));
    let stamped: String = plain
        .lines()
        .zip(1..)
        .map(
            |(line, s)| {
                if line.starts_with('[') { format!("{line}\n") } else { format!("[00:{s:02}.00]{line}\n") }
            },
        )
        .collect();
    let parsed = read(&stamped);
    assert_eq!(names(&parsed), ["Intro", "Chorus: Lata", "-", "Verse 1: Kishore & Lata", "reff: semua"]);
    assert_eq!(warned(&parsed), []);
    // With a stamp before it, a section is a pause until its first line.
    let parsed = read("[00:01.00]a\n[00:04.55][Interlude]\n[00:09.00]b\n[00:10.00][laughs]\n");
    assert_eq!(shown(&parsed), ["1000 a", "4550 ", "9000 b", "10000 [laughs]"]);
    assert_eq!(names(&parsed), ["-", "Interlude", "-", "-"]);
}

#[test]
fn what_files_say_of_themselves() {
    let parsed = read(concat!(
        "[ti:][ar:]\n[lr: Gulzar ]\n[by:]\n[re:www.x.com/lrc/maker]\n[ve:v1.2.3]\n[#:note]\n[sign:x]\n[hash:y]\n[total:186000]\n",
        "[t_time:(00:03)]\n[tool:LRC Maker]\n[id:abc]\n[encoding:UTF-8]\n[length: 2:50]\n[language:hi]\n[00:01.00]a\n",
    ));
    assert_eq!(warned(&parsed), []);
    let metadata = &parsed.metadata;
    assert_eq!(
        (&metadata.title, &metadata.artist, &metadata.creator),
        (&None, &None, &None),
        "empty tags say nothing"
    );
    assert_eq!((metadata.lyricist.as_deref(), metadata.length_ms), (Some("Gulzar"), Some(170_000)));
    assert_eq!(metadata.language.as_deref(), Some("hi"));
    let several = read("[ti:Sa [live]][ar:A][al:B][by:C]\n[Composer: R. D. Burman]\n[00:01.00]a\n");
    assert_eq!(several.metadata.title.as_deref(), Some("Sa [live]"));
    assert_eq!(
        (several.metadata.artist.as_deref(), several.metadata.creator.as_deref()),
        (Some("A"), Some("C"))
    );
    assert_eq!(warned(&several), [(2, 1, "unknown tag \"Composer\" left out")]);
    let lost = read(&format!("[language:{}]\n[kana:1]\n[00:01.00]a\n", "eyJj".repeat(2000)));
    assert_eq!(
        warned(&lost),
        [
            (1, 1, "translations in a form that is not read left out"),
            (2, 1, "readings in a form that is not read left out"),
        ]
    );
}

#[test]
fn stamps_that_can_mean_one_thing_only_are_repaired() {
    let parsed = read("[00:14:75]a <00:14:90>b\n[00:18:20]c\n");
    assert_eq!(shown(&parsed), ["14750 a b a@14750 b@14900", "18200 c"]);
    assert_eq!(warned(&parsed).len(), 1);
    assert_eq!(
        warned(&parsed)[0],
        (1, 1, "three numbers in a stamp, the last beyond 59: all such stamps are read as `mm:ss:xx`")
    );
    let late = read("[00:18:20]a\n[00:20:00]b[00:20:75]\n");
    assert_eq!(shown(&late), ["18200 a", "20000-20750 b"]);
    assert_eq!((warned(&late)[0].0, warned(&late)[0].1), (2, 12), "where it shows");
    assert!(refusal("[00:14:25]a\n[00:18:20]b\n").contains("may mean either"));
    assert!(refusal("[00:14:75]a\n[00:99:20]b\n").contains("line 2, column 1"));

    let parsed = read("[00:60.00]<00:60.00>a <00:60.50>b\n[01:60]c\n");
    assert_eq!(shown(&parsed), ["60000 a b a@60000 b@60500", "120000 c"]);
    let minute = "a stamp with 60 seconds; read as the next minute";
    assert_eq!(warned(&parsed), [(1, 1, minute), (1, 11, minute), (1, 23, minute), (2, 1, minute)]);
    assert!(refusal("[00:61.00]a\n").contains("minutes and seconds below 60"));
}

#[test]
fn two_languages_at_one_stamp_are_named() {
    let named = |file: &str| {
        let parsed = read_as("en", file);
        parsed.warnings.iter().find(|w| w.message.starts_with("two lines at one stamp")).map(|w| w.line)
    };
    assert_eq!(named("[00:01.00]Look\n[00:01.00]देखो\n[00:02.00]Come\n[00:02.00]आओ\n"), Some(2));
    assert_eq!(named("[00:01.00]Look\n[00:01.00]Regarde\n"), Some(2));
    assert_eq!(
        named("[00:01.00]v1:Look\n[00:01.00]देखो\n[00:02.00]a\n[00:03.00]b\n[00:04.00]c\n[00:05.00]d\n"),
        Some(2)
    );
    // A duet, a pause, and one doubled line of many are none.
    assert_eq!(named("[00:01.00]v1:Look\n[00:01.00]v2:Come\n"), None);
    assert_eq!(named("[00:01.00]Look\n[00:01.00]\n"), None);
    let others: String = (2..9).map(|s| format!("[00:0{s}.00]a\n")).collect();
    assert_eq!(named(&format!("[00:01.00]a\n[00:01.00]b\n{others}")), None);
    let below = read("[00:01.00]देखो\nLook\n");
    assert_eq!(
        warned(&below),
        [(2, 1, "no time stamp: \"Look\" left out; a translation goes into a file of its own")]
    );
}

#[test]
fn a_script_that_is_not_the_language_s_is_named() {
    let file = "[la:en]\n[00:01.00]बुरा जो देखन मैं चला\n[00:02.00]बुरा न मिलिया कोय\n";
    for (lang, named) in [("en", true), ("ta", true), ("hi-Latn", true), ("hi", true), ("und", true)] {
        let parsed = read_as(lang, file);
        assert_eq!(warned(&parsed).len(), 1 + usize::from(!matches!(lang, "en" | "hi" | "und")), "{lang}");
        let (line, column, message) = warned(&parsed)[0];
        assert_eq!(
            (line, column, message.contains("Devanagari letters")),
            (1, 1, named),
            "{lang}: {message}"
        );
    }
    for (lang, file) in
        [("hi", "[00:01.00]bura jo dekhan main chala\n"), ("hi", &file[8..]), ("mr", &file[8..])]
    {
        assert_eq!(warned(&read_as(lang, file)), []);
    }
}

#[test]
fn one_file_has_one_precision() {
    let write = |file: &str| lrc::write(&read(file).layer, &LyricsTimeline::SOURCE, lrc::Flavour::Enhanced);
    assert_eq!(write("[00:01.5]a\n[00:02.25]b\n"), "[la:hi]\n[00:01.50]a\n[00:02.25]b\n");
    assert_eq!(
        write("[00:01.5]<00:01.5>a <00:01.755>b\n[00:02]c\n"),
        "[la:hi]\n[00:01.500]<00:01.500>a <00:01.755>b\n[00:02.000]c\n"
    );
}
