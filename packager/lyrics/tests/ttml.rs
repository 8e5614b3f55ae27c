//! Reading TTML: Apple's delivery flavour, that of its streams and of AMLL, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use nada_lyrics::{
    AgentKind, Error, Hint, Kind, Layer, Line, Lyrics, OutputFormat, Parsed, limit, losses, parse, write,
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

fn body(inner: &str) -> String {
    format!("<tt xmlns=\"http://www.w3.org/ns/ttml\"><head/><body><div>{inner}</div></body></tt>")
}

/// Each line as `key start-end agent text | word@start-end … / background`.
fn shown(layer: &Layer) -> Vec<String> {
    layer.lines().iter().enumerate().map(|(i, line)| show(layer, i, line)).collect()
}

fn show(layer: &Layer, i: usize, line: &Line) -> String {
    let ms = |ms: Option<i64>| ms.map_or_else(|| "…".to_owned(), |ms| ms.to_string());
    let phrase = |phrase: &nada_lyrics::Phrase| {
        let words = phrase
            .words()
            .iter()
            .map(|word| format!(" {}@{}-{}", phrase.word_text(word), word.start_ms, ms(word.end_ms)));
        format!("{}{}", phrase.text(), words.collect::<String>())
    };
    let section = line.section().map(|name| format!("#{name} ")).unwrap_or_default();
    let agent = line.agent().map(|agent| format!("{agent}: ")).unwrap_or_default();
    let background = line.background().map(|b| format!(" / {}", phrase(b))).unwrap_or_default();
    let (start, end) = (ms(line.start_ms()), ms(line.end_ms()));
    format!("{section}{} {start}-{end} {agent}{}{background}", layer.key(i), phrase(line.phrase()))
}

const STREAM: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xmlns:itunes="http://music.apple.com/lyric-ttml-internal" xmlns:amll="http://www.example.com/ns/amll" itunes:timing="Word" xml:lang="hi"><head><metadata>
<ttm:agent type="person" xml:id="v1"><ttm:name type="full">Lata</ttm:name></ttm:agent><ttm:agent type="other" xml:id="v2"/><ttm:agent type="group" xml:id="v1000"></ttm:agent>
<amll:meta key="musicName" value="A &amp; B"/>
<iTunesMetadata xmlns="http://music.apple.com/lyric-ttml-internal"><songwriters><songwriter>Kabir</songwriter></songwriters>
<translations><translation xml:lang="en" type="subtitle"><text for="L1">Crooked</text><text for="L2">I went<span ttm:role="x-bg">(to see)</span></text><text for="L9">?</text></translation></translations>
<transliterations><transliteration xml:lang="hi-Latn"><text for="L1"><span xmlns="http://www.w3.org/ns/ttml" begin="00:01.000" end="00:01.500">bura</span> <span xmlns="http://www.w3.org/ns/ttml" begin="00:01.500" end="00:02.000">jo</span></text></transliteration></transliterations></iTunesMetadata></metadata></head>
<body dur="00:09.000"><div begin="00:01.000" end="00:04.000" itunes:song-part="Verse"><p begin="00:01.000" end="00:02.000" ttm:agent="v1" itunes:key="L1"><span begin="00:01.000" end="00:01.500">बुरा</span> <span begin="00:01.500" end="00:02.000">जो</span></p>
<p begin="2.5" end="4.000" ttm:agent="v2" itunes:key="L2"><span begin="2.5" end="3">देख</span><span begin="3" end="3.2">न</span><span ttm:role="x-bg" begin="3" end="3.9"><span begin="3.1" end="3.5">(मैं</span> <span begin="3.5" end="3.9">चला)</span></span></p></div>
<div begin="5s" end="6s" itunes:songPart="Instrumental"/>
<div begin="00:06.000" end="00:08.000" itunes:song-part="Chorus"><p begin="6.0" dur="2s" ttm:agent="v1000" itunes:key="L4">सब मिल<span ttm:role="x-translation" xml:lang="id">semua</span><span ttm:role="x-roman">sab mil</span></p></div></body></tt>"#;

#[test]
fn a_stream_with_everything() {
    let parsed = read(STREAM);
    assert_eq!(
        shown(&parsed.layer),
        [
            "#Verse L1 1000-2000 v1: बुरा जो बुरा@1000-… जो@1500-…",
            "L2 2500-4000 v2: देखन देख@2500-… न@3000-3200 / (मैं चला) (मैं@3100-… चला)@3500-3900",
            "#Instrumental L3 5000-… ",
            "#Chorus L4 6000-8000 v1000: सब मिल",
        ]
    );
    let agents: Vec<_> =
        parsed.layer.agents().iter().map(|a| (a.id.as_str(), a.kind, a.name.as_deref())).collect();
    assert_eq!(
        agents,
        [
            ("v1", AgentKind::Voice, Some("Lata")),
            ("v2", AgentKind::Other, None),
            ("v1000", AgentKind::Group, None)
        ]
    );
    let layers: Vec<_> = parsed.others.iter().map(|l| (l.lang().as_str(), l.kind(), shown(l))).collect();
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        layers,
        [
            (
                "en",
                Kind::Translation,
                own(&["L1 1000-2000 v1: Crooked", "L2 2500-4000 v2: I went / (to see)"])
            ),
            ("id", Kind::Translation, own(&["L4 6000-8000 v1000: semua"])),
            // `x-roman` without a language would be the main language in Latin, which the head has.
            ("hi-Latn", Kind::Pronunciation, own(&["L1 1000-2000 v1: bura jo bura@1000-… jo@1500-…"])),
        ]
    );
    assert_eq!(parsed.metadata.title.as_deref(), Some("A & B"));
    assert_eq!(parsed.metadata.author.as_deref(), Some("Kabir"));
    assert_eq!(parsed.metadata.language.as_deref(), Some("hi"));
    let warned: Vec<_> = parsed.warnings.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(
        warned,
        [
            "left out: no line has the key \"L9\"",
            "pronunciation in hi-Latn left out: there is a layer of that tag"
        ]
    );
}

#[test]
fn what_is_written_reads_back() {
    let parsed = read(STREAM);
    let lyrics = Lyrics::new([vec![parsed.layer], parsed.others].concat()).unwrap();
    assert_eq!(losses(&lyrics, OutputFormat::Ttml), []);
    let again = read(&write(&lyrics, OutputFormat::Ttml));
    assert_eq!(Lyrics::new([vec![again.layer], again.others].concat()).unwrap(), lyrics);
    assert_eq!(again.warnings, []);
}

#[test]
fn a_delivery_with_lines_only() {
    let parsed = read(
        r#"<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xmlns:itunes="http://itunes.apple.com/lyric-ttml-extensions" itunes:timing="Line" xml:lang="id">
  <head><metadata><ttm:title>Pantun</ttm:title><ttm:agent type="person" xml:id="voice1"/></metadata></head>
  <body><div itunes:song-part="Verse">
    <p begin="00:00:12.5" end="00:00:14.25" ttm:agent="voice1">Dua
       tiga</p>
    <p begin="00:00:15" end="00:00:17">kucing<br/>berlari</p>
  </div></body></tt>"#,
    );
    assert_eq!(
        shown(&parsed.layer),
        ["#Verse L1 12500-14250 voice1: Dua tiga", "L2 15000-17000 kucing berlari"]
    );
    assert_eq!((parsed.warnings.len(), parsed.metadata.title.as_deref()), (0, Some("Pantun")));
}

#[test]
fn space_is_collapsed_or_preserved() {
    let of = |p: &str| shown(&read(&body(p)).layer).concat();
    assert_eq!(of("<p begin='1' end='2'>  a \n\t b  </p>"), "L1 1000-2000 a b");
    assert_eq!(of("<p begin='1' end='2' xml:space='preserve'>a  b</p>"), "L1 1000-2000 a  b");
    assert_eq!(
        of("<p begin='1'><span begin='1'>a </span> <span begin='2'> b</span></p>"),
        "L1 1000-… a b a@1000-… b@2000-…"
    );
}

#[test]
fn ruby_keeps_its_base_and_its_time() {
    let parsed = read(&body(concat!(
        "<p begin='1' end='3'><span tts:ruby='container'><span tts:ruby='base'>東京</span>",
        "<span tts:ruby='textContainer'><span tts:ruby='text' begin='1' end='1.5'>とう</span>",
        "<span tts:ruby='text' begin='1.5' end='2'>きょう</span></span></span></p>"
    )));
    assert_eq!(shown(&parsed.layer), ["L1 1000-3000 東京 東京@1000-2000"]);
    assert_eq!(parsed.warnings.len(), 1);
}

#[test]
fn unsynced() {
    let parsed = read(&body("<p>a</p><p>b</p></div><div><p>c</p>"));
    assert_eq!(shown(&parsed.layer), ["L1 …-… a", "L2 …-… b", "# L3 …-… c"]);
}

#[test]
fn what_is_set_right_is_named() {
    let parsed = read(&body(concat!(
        "<p begin='5' end='4' ttm:agent='x y'>a</p>\n<p>b</p>\n",
        "<p begin='1' itunes:key='k'><span begin='3' end='2'>c</span> <span begin='2'>d</span></p>\n",
        "<p begin='6' itunes:key='k'>&#7;e</p>\n",
        "<p begin='7'><span begin='7' end='8.5'>f</span> <span begin='8' end='9'>g</span></p>"
    )));
    assert_eq!(
        shown(&parsed.layer),
        [
            "L1 1000-… c d c@3000-… d@3000-…",
            "L2 5000-… x: a",
            "L3 5000-… b",
            "L4 6000-… e",
            "L5 7000-… f g f@7000-… g@8000-9000"
        ]
    );
    let warned: Vec<_> = parsed.warnings.iter().map(|w| format!("{}: {}", w.line, w.message)).collect();
    assert_eq!(
        warned,
        [
            "1: ends before it starts; its end left out",
            "1: several agents; \"x\" is kept",
            "1: agent \"x\" is not defined in the head; taken for a voice",
            "2: no time; takes that of the line before it",
            "3: ends before it starts; its end left out",
            "3: before the start of the word before it; moved there",
            "3: starts before the line above it; sorted by start",
            "4: control character U+0007 made a space",
            "5: before the end of the word before it; that ends here",
            "1: two lines of a layer have one key; keys left out",
        ]
    );
}

#[test]
fn agents_of_what_is_around() {
    let parsed = read(concat!(
        "<tt><head><ttm:agent xml:id='v1'/><ttm:agent xml:id='v2'/></head><body ttm:agent='v1'>",
        "<div><p begin='1'>a</p><p begin='2' ttm:agent='v2'>b</p></div>",
        "<div ttm:agent='v2'><p begin='3'>c<span ttm:agent='v1'>d</span><span ttm:agent='v2'>e</span></p></div>",
        "</body></tt>"
    ));
    assert_eq!(shown(&parsed.layer), ["L1 1000-… v1: a", "L2 2000-… v2: b", "# L3 3000-… v2: cde"]);
    let warned: Vec<_> = parsed.warnings.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(warned, ["agent \"v1\" of a part of a line left out"]);
}

#[test]
fn metadata_and_roles_within_lines() {
    let parsed = read(&body(concat!(
        "<p begin='1'><metadata><ttm:desc>x</ttm:desc>y<span begin='1'>z</span></metadata>a",
        "<span ttm:role='x-bg x-foo'>b</span><ttm:title>c</ttm:title></p>"
    )));
    assert_eq!(shown(&parsed.layer), ["L1 1000-… a / b"]);
    assert_eq!((parsed.warnings.len(), parsed.metadata.title), (0, None));
}

#[test]
fn a_cluster_that_is_written_in_parts_is_one_word() {
    let parsed = read(&body(concat!(
        "<p begin='1' end='9'><span begin='1' end='2'>क</span><span begin='2' end='3'>्ष</span>",
        "<span begin='3' end='4'>ि</span> <span begin='5' end='6'>क</span><span begin='6'>ि</span> <span begin='7' end='8'>a</span></p>"
    )));
    assert_eq!(shown(&parsed.layer), ["L1 1000-9000 क्षि कि a क्षि@1000-4000 कि@5000-… a@7000-8000"]);
}

#[test]
fn what_is_refused() {
    for (file, message) in [
        ("<tt><body><p begin='1'>a", "expected the end of every element"),
        ("<tt>\n <p begin='soon'>a</p></tt>", "line 2, column 2: expected a time such as"),
        ("<tt>\n<body></tt>", "line 2"),
        ("<!DOCTYPE tt [<!ENTITY a 'aaaa'>]><tt><p begin='1'>&a;</p></tt>", "expected no document type"),
        ("<tt><p begin='1'>&a;</p></tt>", "line 1, column 18: expected a character reference"),
        ("<tt><p begin='1'>&#0;</p></tt>", "expected a character reference"),
        ("<tt><body/></tt>", "no lyrics"),
        (
            "<tt>\n <p begin=1>a</p></tt>",
            "line 2, column 11: expected well-formed XML, found \"a value without quotes\"",
        ),
        ("<tt><p begin='1' end=5>a</p></tt>", "line 1, column 22: expected well-formed XML"),
        ("<tt><p begin='1' key>a</p></tt>", "line 1, column 21: expected well-formed XML"),
        ("<tt><p begin='1' begin='2'>a</p></tt>", "line 1, column 18: expected well-formed XML"),
        ("<tt><p begin='1' key='&a;'>a</p></tt>", "line 1, column 18: expected well-formed XML"),
        ("<tt><p begin='-1'>a</p></tt>", "expected a time such as"),
    ] {
        let refused = refusal(file);
        assert!(refused.contains(message), "{file}: {refused}");
    }
    let many: String = (0..40).map(|i| format!(" a{i}='1'")).collect();
    assert!(refusal(&format!("<tt{many} a39='1'/>")).contains("attribute a39 twice"));
    let long =
        format!("<tt><head><agent id='v1'><name>a&amp;{}</name></agent></head></tt>", "b".repeat(5000));
    assert_eq!(refusal(&long), "line 1, column 38: more than 4096 bytes of text in a name or title");
    let layer = |i| format!("<translation lang='x-{i}'/>");
    let layers: String = (0..limit::LAYERS).map(layer).collect();
    let layers = format!("<tt><head>{layers}</head><body><p begin='1'>a</p></body></tt>");
    assert!(refusal(&layers).contains("line 1, column 1"), "{}", refusal(&layers));
    assert!(refusal(&layers).contains(": more than 64 layers"), "{}", refusal(&layers));
    let deep = format!("<tt>{}", "<div>".repeat(limit::XML_DEPTH + 1));
    assert!(refusal(&deep).contains("32 levels of XML elements"));
    let lines = body(&"<p begin='1'>a</p>".repeat(limit::LINES + 1));
    assert!(matches!(parse(lines.as_bytes(), &hint()), Err(Error::Line { .. })));
    let words = format!("<p begin='1'>{}</p>", "<span begin='1'>a</span>".repeat(limit::WORDS_PER_LINE + 1));
    assert!(refusal(&body(&words)).contains("1000 words in a line"));
}
