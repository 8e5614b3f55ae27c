//! Files of formats that are not read are refused by name; lyrics with odd lines are lyrics.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use nada_lyrics::{Error, Hint, Kind, parse};

fn read(file: &[u8]) -> Result<nada_lyrics::Parsed, Error> {
    parse(file, &Hint { lang: "en".parse().unwrap(), kind: Kind::Main })
}

/// The line and the name under which each file is refused.
fn refused(files: &[(&str, &str)]) {
    for (file, name) in files {
        match read(file.as_bytes()) {
            Err(Error::Foreign { format, .. }) if format.contains(name) => {}
            other => panic!("{name}: {other:?}\n{file}"),
        }
    }
}

#[test]
fn karaoke_formats() {
    refused(&[
        (
            "[id:$00000000]\n[ar:A]\n[ti:T]\n[offset:0]\n[1067,1710]<0,260,0>Here <260,310,0>we<570,300,0> go\n",
            "KRC",
        ),
        ("[ti:T]\n[0,1200]A (0,200)line(200,1000)\n[1300,900]B(1300,900)\n", "QRC"),
        (
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<QrcInfos>\n<QrcHeadInfo SaveTime=\"1\"/>\n<LyricInfo LyricCount=\"1\"/></QrcInfos>",
            "QRC",
        ),
        ("[16210,3460](16210,670,0)Some(16880,410,0)body\n[20000,100](20000,100,0)x\n", "YRC"),
        (
            "{\"t\":0,\"c\":[{\"tx\":\"作曲: \"},{\"tx\":\"A\"}]}\n{\"t\":1000,\"c\":[{\"tx\":\"B\"}]}\n",
            "NetEase",
        ),
        ("{\"t\":0,\"c\":[{\"tx\":\"A\"}]}\n[16210,3460](16210,670,0)Some(16880,410,0)body\n", "YRC"),
        ("{\"sgc\":false,\"code\":200,\"lrc\":{\"version\":1,\"lyric\":\"[00:01.00]a\"}}", "NetEase"),
        (
            "karaoke := CreateKaraokeObject;\nkaraoke.rows := 2;\nkaraoke.add('00:20.100', '00:22.000', 'Hello', '200,300');\n",
            "KSC",
        ),
        ("[4]Hel(1000,200)lo (1200,300)world(1500,100)\n[5]So(2000,100)\n", "Lyricify Syllable"),
        ("Hel(1000,200)lo (1200,300)world(1500,100)\nSo(2000,100) it(2100,200)\n", "Lyricify Syllable"),
        ("[1000,2000]Hello world\n[2000,3000]So it goes\n", "Lyricify Lines"),
        ("[Lyricify Quick Export]\n[version:1.0]\n[lyrics: format@Lyricify Syllable]\n[4]a(1,2)\n", "LQE"),
        ("[00:10.50]<200>Hello <300>world<400>again\n[00:12.50]<100>So <300>it goes\n", "TRC"),
        ("[kuwo:013]\n[00:01.00]<200,-100>Hello <300,200>world\n", "Kuwo"),
        ("#TITLE:A\n#ARTIST:B\n#BPM:300\n#GAP:1200\n: 0 5 3 Hel\n: 5 5 3 lo\n- 12\nE\n", "UltraStar"),
        (": 0 5 3 Hel\n: 5 5 3 lo\n* 12 4 1 world\n- 20\nE\n", "UltraStar"),
        ("@TTitle\n@TArtist\n/Hel\\lo\n", "MIDI karaoke"),
        ("@KMIDI KARAOKE FILE\n@V0100\n@TTitle\n\\Hel\nlo\n", "MIDI karaoke"),
    ]);
}

#[test]
fn subtitles() {
    refused(&[
        (
            "[Script Info]\nTitle: x\nScriptType: v4.00+\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\k20}la\n",
            "ASS",
        ),
        ("Dialogue: Marked=0,0:00:01.00,0:00:02.00,Default,,0,0,0,,la\n", "ASS"),
        (
            "<SAMI>\n<HEAD><TITLE>x</TITLE></HEAD>\n<BODY>\n<SYNC Start=1000><P Class=ENCC>la\n</BODY></SAMI>",
            "SAMI",
        ),
        ("{0}{25}Hello\n{25}{50}world\n", "MicroDVD"),
        ("{1}{1}23.976\n{100}{200}{y:i}Hello|world\n", "MicroDVD"),
        ("[0][25]Hello\n[25][50]world\n", "MPL2"),
        ("0:00:01.000,0:00:02.000\nHello\n\n0:00:02.000,0:00:03.000\nworld\n", "SBV"),
        ("00:00:01.00,00:00:02.00\nHello[br]world\n", "SBV"),
        ("[INFORMATION]\n[TITLE]x\n[END INFORMATION]\n[SUBTITLE]\n00:00:01.00,00:00:02.00\nHello\n", "Sub"),
        ("00:00:01:00 , 00:00:02:00 , Hello\n00:00:03:00 , 00:00:04:00 , world\n", "Spruce"),
        ("Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420 94ad\n", "SCC"),
        ("{QTtext}{font:Arial}\n[00:00:01.00]\nHello\n", "QuickTime"),
        ("FORMAT=TIME\n\n0 2.5\nHello\n", "MPSub"),
        ("00:00:01:Hello\n00:00:03:world\n", "VPlayer"),
        ("00:01.50 Hello\n00:03.00 world\n", "no brackets"),
        ("0:01 Hello\n0:03 world\n0:05 again\n", "no brackets"),
        ("00:01\nHello\n00:03\nworld\n00:05\nagain\n", "no brackets"),
        // a control character is a space, wherever it stands
        ("\u{1b}00:01.50 Hello\n", "no brackets"),
        ("00:01.50\u{7}Hello\n\u{85}00:03.00 world\n", "no brackets"),
        ("[1.00] Hello\n[2.50] world\n", "in seconds"),
        ("<1.00>Hello\n<2.50>world\n", "in seconds"),
        ("1.00 Hello\n2.50 world\n3.75 again\n", "in seconds"),
        ("[00.01.00]Hello\n[00.02.00]world\n", "in the place of colons"),
        ("{\\k20}Hel{\\k30}lo\n", "tags of ASS"),
        ("<window duration=\"1:00\"><time begin=\"1\"/>Hello</window>", "RealText"),
    ]);
}

#[test]
fn shapes_of_json() {
    refused(&[
        (
            "{\"structuredLyrics\":[{\"kind\":\"main\",\"lang\":\"en\",\"synced\":true,\"offset\":0,\"line\":[{\"start\":1,\"value\":\"a\"}]}]}",
            "lyrics.json",
        ),
        ("{\"subsonic-response\":{\"status\":\"ok\",\"lyricsList\":{}}}", "OpenSubsonic"),
        ("[{\"ts\":1.2,\"te\":3.4,\"l\":[{\"c\":\"H\",\"o\":0}],\"x\":\"H\"}]", "richsync"),
        ("{\"message\":{\"header\":{},\"body\":{\"richsync\":{}}}}", "Musixmatch"),
        (
            "[{\"text\":\"a\",\"time\":{\"total\":1.2,\"minutes\":0,\"seconds\":1,\"hundredths\":20}}]",
            "subtitles",
        ),
        (
            "{\"lyrics\":{\"syncType\":\"LINE_SYNCED\",\"lines\":[{\"startTimeMs\":\"1\",\"words\":\"a\"}]}}",
            "Spotify",
        ),
        (
            "{\"syncType\": \"LINE_SYNCED\", \"lines\": [{\"startTimeMs\": \"1\", \"words\": \"a\"}]}",
            "Spotify",
        ),
        ("{\"id\":1,\"trackName\":\"T\",\"plainLyrics\":\"a\",\"syncedLyrics\":\"[00:01.00]a\"}", "LRCLIB"),
        ("[{\"id\":1,\"syncedLyrics\":null}]", "LRCLIB"),
        (
            "{\"data\":[{\"id\":\"1\",\"type\":\"syllable-lyrics\",\"attributes\":{\"ttml\":\"<tt/>\"}}]}",
            "Apple",
        ),
        (
            "{\"text\":\"a\",\"segments\":[{\"start\":0.0,\"end\":1.0,\"text\":\"a\"}],\"language\":\"en\"}",
            "Whisper",
        ),
        ("{\"wireMagic\":\"pb3\",\"events\":[{\"tStartMs\":1,\"segs\":[{\"utf8\":\"a\"}]}]}", "YouTube"),
        ("[{\"start\":1,\"text\":\"a\"}]", "JSON"),
        ("{\n  \"song\": \"a\",\n  \"verses\": [\"b\"]\n}", "JSON"),
        ("{\"song\": \"a\",\n", "not well-formed"),
        ("[\"a\", \"b\"]", "JSON"),
    ]);
}

#[test]
fn markup_sheets_and_tables() {
    refused(&[
        ("<!DOCTYPE html>\n<html><body><p>Hello<br>world</p></body></html>", "HTML"),
        ("<html>\n<p>Hello</p></html>", "HTML"),
        ("Hello<br>world<br/>\nagain", "HTML"),
        ("<div class=\"lyrics\">Hello</div>", "HTML"),
        ("<?xml version=\"1.0\"?>\n<score-partwise version=\"3.1\"><part/></score-partwise>", "MusicXML"),
        ("<?xml version=\"1.0\"?>\n<lyrics><line time=\"1\">a</line></lyrics>", "XML that is not TTML"),
        ("<lyrics><line time=\"1\">a</line></lyrics>", "XML that is not TTML"),
        (
            "<?xml version=\"1.0\"?>\n<timedtext format=\"3\"><body><p t=\"1\">a</p></body></timedtext>",
            "YouTube",
        ),
        ("{\\rtf1\\ansi Hello\\par world}", "RTF"),
        ("---\ntitle: Hello\nartist: A\n---\nHello\n", "YAML"),
        ("title: Hello\nlyrics: |\n  Hello\n  world\n", "YAML"),
        ("title: A\nartist: B\nlyrics:\n  a\n  b\n", "YAML"),
        ("song:\n  title: A\n  lines:\n    - a\n", "YAML"),
        ("%YAML 1.2\n---\na: b\n", "YAML"),
        ("callback({\"lrc\":\"a\"})\n", "program"),
        ("const lyrics = [{\"t\":1}];\n", "program"),
        ("- time: 1\n  text: a\n- time: 2\n  text: b\n", "YAML"),
        ("{title: Hello}\n{artist: A}\n[Am]Hello [G]world\n", "ChordPro"),
        ("{start_of_chorus}\nHello\n{end_of_chorus}\n", "ChordPro"),
        ("[Am]Hello [G]world\n[C]So it [D7]goes\nand on\n", "ChordPro"),
        ("1.000000\t2.000000\tHello\n2.000000\t3.000000\tworld\n", "Audacity"),
        ("1.5\t1.5\tHello\n", "Audacity"),
        ("start,end,text\n0.5,1.5,Hello\n", "CSV"),
        ("0.5,1.5,Hello\n1.5,2.5,world\n", "CSV"),
        ("1000,2000,Hello\n2000,3000,world\n", "CSV"),
        ("00:01.5;00:02.5;Hello\n00:03.5;00:04.5;world\n", "CSV"),
        ("Start\tEnd\tText\n0:01\t0:02\tHello\n", "tabs"),
        (
            "REM GENRE Pop\nPERFORMER \"A\"\nFILE \"a.wav\" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n",
            "cue sheet",
        ),
        ("#EXTM3U\n#EXTINF:123,A - B\na.mp3\n", "playlist"),
        ("[playlist]\nFile1=a.mp3\n", "playlist"),
        ("X:1\nT:Hello\nM:4/4\nK:C\nCDEF|\nw:Hel-lo\n", "ABC"),
        ("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n", "Praat"),
        ("a3JjMTgAlBPkLxUR0hJ3AGHNrQ5u2mmoWVsDTvUgSBLtYVWAnT0Ff2Gd5mF6Xz9sWg==", "base64"),
        ("98256B0ACE3028368E8FC6C98256B0ACE3028368E8FC6C0A", "code"),
    ]);
}

#[test]
fn binary_files() {
    let files: [(&[u8], &str); 16] = [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "ZIP"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "gzip"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "JPEG"),
        (b"GIF89a\x01\0\x01\0", "GIF"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "WAV"),
        (b"ID3\x03\0\0\0\0\0\x0f", "MP3"),
        (b"fLaC\0\0\0\x22", "FLAC"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "MP4"),
        (b"MThd\0\0\0\x06\0\x01", "MIDI"),
        (b"krc1\x38\0\x94\x13", "KRC"),
        (b"437STL25.01108890", "EBU STL"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "Office"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
    ];
    for (file, name) in files {
        match read(file) {
            Err(Error::Foreign { line: 1, format, .. }) if format.contains(name) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn errors_say_what_it_is_where_that_shows_and_what_to_do() {
    let refusal = |file: &str| read(file.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        refusal("\n\n[ti:T]\n[1067,1710]<0,260,0>Here <260,310,0>we\n"),
        "line 4: this is KRC of KuGou, which is not read: export it as enhanced LRC or TTML \
         (read are LRC, enhanced LRC, TTML, WebVTT, SubRip, Lyricsfile and plain text)"
    );
    let ours = refusal("{\"structuredLyrics\":[]}");
    assert!(ours.contains("what Nada serves; publish the file that it was made from"), "{ours}");
}

#[test]
fn lyrics_with_odd_lines_are_lyrics() {
    for file in [
        "Chorus: la la\nVerse: so it goes\n",
        "[Chorus]\nla la\n\n[Verse 1: Lata]\nso it goes\n",
        "I love you <3\n<3 <3\n",
        ":-) hello (: :D\n",
        "It costs $9.99\n1,000 miles\n",
        "1\n2\n3\n",
        "1\nla\n2\nla\n",
        "1, 2, 3, 4\nuno, dos, tres\n",
        "1,2,3\ntell me that you love me more\n",
        "10:30 on the clock\nand I'm alone\n",
        "5:15, I'm out of my brain on the train\n5:15\nla\n",
        "Meet me at 10:30 - 11:45\n",
        "It's 9:00\n9:00 - 5:00\nworking\n",
        "a --> b\n",
        "Rock & Roll & soul\n",
        "{laughs}\n",
        "{laughs}\nla la {x2}\n",
        "{Chorus}\nla la\n",
        "(Chorus x2)\n(3:16)\nJohn\n",
        "- Hello?\n- Hi: it's me\n- Oh\n",
        "---\nla la\n---\nso it goes\n",
        "***\nla\n",
        "* la\n* so\n",
        "#1\n# number one\n",
        "#blessed\n",
        "@me\n",
        "https://example.com/song\nla\n",
        "Romeo: hey\nJuliet: what\nRomeo: - nothing\n",
        "title: x\nla la\n",
        "la\tla\tla\n",
        "R: reff\nF: female\nM: male\n",
        "[x2]\nla\n[laughs]\n",
        "[1]\nla\n[2]\nso\n",
        "\"Hello\", she said\n\"Goodbye\", he said\n",
        "\"Hello\": she said\n",
        "<whispers> come here\nla\n",
        "<laughs>\nla </3\n",
        "Supercalifragilisticexpialidocious\n",
        "NaNaNaNaNaNaNaNaNaNaNaNaNaNaNaNaNaNaNaNaNaNa\n",
        "A\nB\nC\n1 2 3\n",
        "A B C D E F G\n",
        "Am I wrong\n[Am] I wrong\n",
        "[F] la la\n[M] so\n",
        "F: la\n: x\n",
        "GIF89 is not a song\nID3\nFORM a line\nPKs\nBZh\n",
        "WebVTT is a format\n",
        "Track 01 audio\nindex of love\n",
        "File \"love\" under lost\n",
        "Start, end\nla\n",
        "time, love\nand tenderness, text\n",
        "मैं: तुम\n१२:३० बजे\n",
        "24/7\n50/50\n3.14159\n",
        "1.5 million\n2.5 million\n",
        "(1,2) step\n(3,4) step\n",
        "[0,1] are bits\nla\n",
        "... and then\n~ ~ ~\n===\n",
        "%PD\n%!\n",
        "C'est la vie : oui\nNon ; jamais\n",
        "9 to 5\n8 days a week\n",
        "8675-309\n867-5309\n",
        "v1.0\n",
        "x: 1\ny: 2\n",
        "chorus:\n  la la\nverse:\n  so it goes\n",
        "title: x\nla la\n  la\n",
        "let it be = love\nvar and const\n",
        "[2.0] remix\nla la\nla\n",
        "@Tom hello\n@Tim hi\n",
        "- one\n- two\n- three\n",
        "note: play twice\n- la\n- so\n",
    ] {
        let parsed = read(file.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{file}"));
        let lines = file.lines().filter(|line| !line.trim().is_empty());
        let headings = lines.clone().filter(|line| line.starts_with('[') && line.ends_with(']')).count();
        let shown = parsed.layer.lines().len();
        assert!(!parsed.layer.synced() && shown + headings >= lines.count(), "{file}: {parsed:?}");
    }
}
