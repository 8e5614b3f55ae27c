use std::fs;

use super::*;

const HEAD: &str = "[release]\nid = \"r\"\ntitle = \"R\"\n";
const TRACK: &str = "[[track]]\nid = \"t\"\ntitle = \"T\"\nartists = [\"A\"]\naudio = \"a.flac\"\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lyrics = [
        "a.hi.lrc",
        "a.hi-Latn.lrc",
        "a.en.lrc",
        "plain.lrc",
        "a.hin.lrc",
        "a.mix.lrc",
        "a.xq.lrc",
        "a.final.lrc",
    ];
    for file in ["a.flac"].into_iter().chain(lyrics) {
        fs::write(folder.path().join(file), "x").unwrap();
    }
    folder
}

fn read_in(folder: &tempfile::TempDir, text: &str) -> Result<Release, ReleaseTomlError> {
    let path = folder.path().join("release.toml");
    fs::write(&path, text).unwrap();
    Release::read(&path)
}

fn read(text: &str) -> Result<Release, ReleaseTomlError> {
    read_in(&folder(), text)
}

#[test]
fn the_whole_grammar() {
    let text = format!(
        "{HEAD}label = \"L\"\nterritories = [\"IN\", {{ code = \"ID\", until = 2028-01-01T00:00:00+07:00 }}]\n\
         available_from = 2026-01-01T00:00:00+05:30\n{TRACK}\
         lyrics = [\"a.hi.lrc\", \"./a.hi-Latn.lrc\", \"a.en.lrc\", {{ file = \"plain.lrc\", lang = \"id\" }}]\n\
         [[track]]\nid = \"u\"\ntitle = \"U\"\nartists = [\"A\", \"B\"]\naudio = \"a.flac\"\n\
         territories = [\"*\"]\navailable_from = 2027-01-01T00:00:00Z\n"
    );
    let release = read(&text).unwrap();
    assert_eq!((release.id.as_str(), release.label.as_deref()), ("r", Some("L")));
    let json = |rights: &Rights| serde_json::to_string(rights).unwrap();
    assert_eq!(
        json(&release.tracks[0].rights),
        r#"{"territories":[{"code":"IN","from":"2025-12-31T18:30:00Z"},{"code":"ID","from":"2025-12-31T18:30:00Z","until":"2027-12-31T17:00:00Z"}]}"#
    );
    assert_eq!(
        json(&release.tracks[1].rights),
        r#"{"territories":[{"code":"*","from":"2027-01-01T00:00:00Z"}]}"#
    );
    let layers: Vec<_> =
        release.tracks[0].lyrics.iter().map(|l| (l.lang.as_str().to_owned(), l.kind)).collect();
    let expected = [
        ("hi", Kind::Main),
        ("hi-Latn", Kind::Pronunciation),
        ("en", Kind::Translation),
        ("id", Kind::Translation),
    ];
    assert_eq!(layers, expected.map(|(lang, kind)| (lang.to_owned(), kind)));
}

#[test]
fn other_codes_of_a_language_are_that_language() {
    let lyrics = "[\"a.hin.lrc\", \"a.hi-Latn.lrc\", { file = \"plain.lrc\", lang = \"in\" }]";
    let release = read(&format!("{HEAD}territories = [\"*\"]\n{TRACK}lyrics = {lyrics}\n")).unwrap();
    let layers: Vec<_> = release.tracks[0].lyrics.iter().map(|l| (l.lang.as_str(), l.kind)).collect();
    assert_eq!(layers, [("hi", Kind::Main), ("hi-Latn", Kind::Pronunciation), ("id", Kind::Translation)]);
}

#[test]
fn the_ladder_of_a_track_goes_before_that_of_the_release_and_the_command_line_before_both() {
    let head = format!("{HEAD}territories = [\"*\"]\n");
    let ladder = "[ladder]\nrenditions = [\"aac-64\"]\nsegments = \"64,64\"\novers = \"normalise\"\n";
    let own = format!("{TRACK}ladder = {{ renditions = [\"aac-96\", \"heaac2-24\"], overs = \"clip\" }}\n");
    let plain = TRACK.replace("\"t\"", "\"u\"");
    let release = read(&format!("{head}{ladder}{own}{plain}")).unwrap();
    let text = |recipe: &Recipe| {
        let settings = recipe.settings();
        format!("{} {} {}", settings.ladder, settings.schedule, settings.overs)
    };
    assert_eq!(text(&release.tracks[0].recipe), "heaac2-24,aac-96 64,64 clip");
    assert_eq!(text(&release.tracks[1].recipe), "aac-64 64,64 normalise");
    let said = Recipe { ladder: Some("aac-128".parse().unwrap()), ..Recipe::default() };
    assert_eq!(text(&said.or(&release.tracks[0].recipe)), "aac-128 64,64 clip");
    let error =
        read(&format!("{head}{}{plain}", ladder.replace("normalise", "limit"))).unwrap_err().to_string();
    assert!(["clip", "normalise", "limit"].iter().all(|word| error.contains(word)), "{error}");
    let silent = read(&format!("{head}{TRACK}")).unwrap();
    assert_eq!(silent.tracks[0].recipe.settings(), nada_pipeline::Settings::default());
}

#[test]
fn the_protection_of_a_track_goes_before_that_of_the_release_and_the_command_line_before_both() {
    let head = |line: &str| format!("{HEAD}{line}territories = [\"*\"]\n");
    let own = TRACK.replace("\"t\"", "\"u\"");
    let terms = |recipe: &Recipe| recipe.terms().map(|terms| terms.to_string());
    let plain = Some("cbcs,lead=2,keys=1".to_owned());
    for (release, track, expected) in [
        ("", "", None),
        ("protection = \"cbcs\"\n", "", plain.clone()),
        ("protection = \"cbcs\"\n", "protection = \"none\"\n", None),
        ("", "protection = \"cbcs,lead=0,clearkey\"\n", Some("cbcs,lead=0,keys=1,clearkey".to_owned())),
        ("protection = \"cbcs,keys=2\"\n", "protection = \"cbcs\"\n", plain.clone()),
    ] {
        let read = read(&format!("{}{own}{track}{TRACK}", head(release))).unwrap();
        assert_eq!(terms(&read.tracks[0].recipe), expected, "{release}{track}");
        let said = Recipe { protection: Some("none".parse().unwrap()), ..Recipe::default() };
        assert_eq!(terms(&said.or(&read.tracks[0].recipe)), None);
    }
    for (value, part) in
        [("\"cenc\"", "no scheme of protection"), ("\"cbcs,lead=3\"", "0, 1 or 2"), ("true", "string")]
    {
        let error = read(&format!("{}{TRACK}", head(&format!("protection = {value}\n")))).unwrap_err();
        let line = 1 + HEAD.matches('\n').count();
        assert!(error.message.contains(part) && error.line == Some(line), "{error}");
    }
}

#[test]
fn the_romanization_of_a_track_goes_before_that_of_the_release() {
    let head = format!("{HEAD}territories = [\"*\"]\n");
    let own = |fields: &str| format!("{TRACK}{fields}").replace("\"t\"", "\"u\"");
    for (release, track, expected) in [
        ("", "", Some(Scheme::Readable)),
        ("none", "", None),
        ("none", "iso15919", Some(Scheme::Iso15919)),
        ("iso15919", "readable", Some(Scheme::Readable)),
        ("", "none", None),
    ] {
        let line = |scheme: &str| match scheme {
            "" => String::new(),
            scheme => format!("romanization = \"{scheme}\"\n"),
        };
        let text = format!("{head}{}{}", line(release), own(&line(track)));
        assert_eq!(read(&text).unwrap().tracks[0].romanization, expected, "{text}");
    }
}

#[test]
fn what_is_shared_is_said_nearest_to_the_territory() {
    let text = format!(
        "{HEAD}territories = [\"ID\", {{ code = \"IN\", share = {{ lines = 9 }} }}]\n\
         share = {{ lines = 5, seconds = 30 }}\n{TRACK}{}",
        format!("{TRACK}share = {{ seconds = 10 }}\n").replace("\"t\"", "\"u\"")
    );
    let release = read(&text).unwrap();
    let shared = |track: usize| -> Vec<_> {
        release.tracks[track].rights.territories.iter().map(|t| (t.share.lines, t.share.seconds)).collect()
    };
    assert_eq!(shared(0), [(5, 30), (9, 0)]);
    assert_eq!(shared(1), [(0, 10), (9, 0)]);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let territory = "territories = [\"IN\"]\n";
    for (text, line, expected) in [
        (format!("{HEAD}{TRACK}"), 4, "territories expected"),
        (format!("{HEAD}territory = [\"IN\"]\n{TRACK}"), 4, "territory"),
        (format!("{HEAD}territories = [\n\"IN\",\n\"in\"]\n{TRACK}"), 6, "ISO 3166-1"),
        (format!("{HEAD}territories = [\n\"IN\",\n\"UK\"]\n{TRACK}"), 6, "did you mean \"GB\"?"),
        (format!("{HEAD}territories = [{{ code = \"IDN\" }}]\n{TRACK}"), 4, "did you mean \"ID\"?"),
        (format!("{HEAD}territories = [\"QQ\"]\n{TRACK}"), 4, "ISO 3166-1"),
        (format!("{HEAD}territories = []\n{TRACK}"), 4, "at least one territory"),
        (format!("{HEAD}territories = [{{ code = \"IN\", til = 1 }}]\n{TRACK}"), 4, "til"),
        (format!("{HEAD}{territory}available_from = 2026-01-01T00:00:00\n{TRACK}"), 5, "offset"),
        (format!("{HEAD}{territory}available_from = 2026-01-01\n{TRACK}"), 5, "offset"),
        (format!("{HEAD}{territory}available_from = \"soon\"\n{TRACK}"), 5, "datetime"),
        (
            format!(
                "{HEAD}{territory}available_from = 2026-01-02T00:00:00Z\n\
                 available_until = 2026-01-01T00:00:00Z\n{TRACK}"
            ),
            4,
            "not after it begins",
        ),
        (format!("{HEAD}{territory}{TRACK}{TRACK}"), 11, "stands twice"),
        (format!("{HEAD}{territory}{TRACK}").replace("\"t\"", "\"../t\""), 6, "letters, digits"),
        (format!("{HEAD}{territory}{TRACK}").replace("[\"A\"]", "[]"), 8, "one artist"),
        (format!("{HEAD}{territory}{TRACK}").replace("\"T\"", "\"a\\nb\""), 7, "one line"),
        (format!("{HEAD}{territory}{TRACK}").replace("\"T\"", "\"a\u{2028}b\""), 7, r"\u{2028}"),
        (
            format!("{HEAD}{territory}{TRACK}").replace("\"T\"", "\"a\u{202e}b\""),
            7,
            "characters that are seen",
        ),
        (
            format!("{HEAD}{territory}{TRACK}").replace("\"T\"", "\"a\u{2066}b\""),
            7,
            "characters that are seen",
        ),
        (
            format!("{HEAD}{territory}{TRACK}").replace("\"A\"", "\"a\u{200f}b\""),
            8,
            "characters that are seen",
        ),
        (format!("{HEAD}{territory}{TRACK}").replace("\"R\"", "\"\u{200b}\""), 3, "characters that are seen"),
        (format!("{HEAD}{territory}{TRACK}").replace("a.flac", "b.flac"), 9, "no such file"),
        (format!("{HEAD}{territory}{TRACK}").replace("a.flac", "../a.flac"), 9, "inside the folder"),
        (format!("{HEAD}{territory}{TRACK}").replace("a.flac", "/etc/passwd"), 9, "inside the folder"),
        (format!("{HEAD}{territory}{TRACK}").replace("a.flac", "."), 9, "not a file"),
        (format!("{HEAD}{territory}{TRACK}lyrics = [\"plain.lrc\"]\n"), 10, "before the extension"),
        (format!("{HEAD}{territory}{TRACK}lyrics = [\"a.hi.lrc\",\n\"a.hi.lrc\"]\n"), 11, "tagged hi"),
        (format!("{HEAD}{territory}{TRACK}lyrics = [\"a.hi.lrc\",\n\"a.hin.lrc\"]\n"), 11, "tagged hi"),
        (format!("{HEAD}{territory}{TRACK}lyrics = [\"a.mix.lrc\"]\n"), 10, "language tag \"mix\": "),
        (
            format!("{HEAD}{territory}{TRACK}lyrics = [\"a.xq.lrc\"]\n"),
            10,
            "`xq` is not a registered language",
        ),
        (format!("{HEAD}{territory}{TRACK}lyrics = [\"a.final.lrc\"]\n"), 10, "language tag \"final\": "),
        (
            format!("{HEAD}{territory}{TRACK}lyrics = [{{ file = \"plain.lrc\", lang = \"en-UK\" }}]\n"),
            10,
            "did you mean `GB`",
        ),
        (
            format!("{HEAD}{territory}{TRACK}").replace("a.flac", "पहला शब्द.flac"),
            9,
            "\"पहला शब्द.flac\": no such file",
        ),
        (
            format!("{HEAD}{territory}{TRACK}lyrics = [{{ file = \"a.hi.lrc\", kind = \"translation\" }}]\n"),
            10,
            "main layer",
        ),
        (format!("{HEAD}{territory}{TRACK}lyrics = [7]\n"), 10, "a file such as"),
        (format!("{HEAD}{territory}romanization = \"iast\"\n{TRACK}"), 5, "iso15919"),
        (format!("{HEAD}{territory}[ladder]\nrenditions = [\"opus-64\"]\n{TRACK}"), 6, "opus-64"),
        (format!("{HEAD}{territory}[ladder]\nrenditions = []\n{TRACK}"), 6, "no rungs"),
        (format!("{HEAD}{territory}[ladder]\nrenditions = \"aac-64\"\n{TRACK}"), 6, "such as"),
        (format!("{HEAD}{territory}[ladder]\nsegments = \"60,128\"\n{TRACK}"), 6, "multiples of 16"),
        (format!("{HEAD}{territory}[ladder]\nrungs = 1\n{TRACK}"), 6, "rungs"),
        (format!("{HEAD}{territory}share = {{ lines = 500 }}\n{TRACK}"), 5, "0 to 100 lines"),
        (format!("{HEAD}{territory}share = {{ seconds = 30000 }}\n{TRACK}"), 5, "0 to 600 seconds"),
        (format!("{HEAD}{territory}share = {{ minutes = 1 }}\n{TRACK}"), 5, "minutes"),
        (format!("{HEAD}{territory}share = 5\n{TRACK}"), 5, "lines = 5"),
        (format!("{HEAD}{territory}{TRACK}share = {{ lines = -1 }}\n"), 10, "0 to 100 lines"),
        (
            format!("{HEAD}territories = [\n{{ code = \"IN\", share = {{ lines = 101 }} }}]\n{TRACK}"),
            5,
            "0 to 100 lines",
        ),
        ("[release\n".to_owned(), 1, ""),
    ] {
        let error = read(&text).unwrap_err();
        assert!(
            error.line == Some(line) && error.message.contains(expected),
            "{error}\nexpected line {line}, {expected:?} in\n{text}"
        );
    }
    assert!(read(HEAD).unwrap_err().to_string().contains("expected 1 to 1000 [[track]]"));
}

#[cfg(unix)]
#[test]
fn a_symlink_does_not_lead_out() {
    let (folder, outside) = (folder(), tempfile::NamedTempFile::new().unwrap());
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link.flac")).unwrap();
    let text = format!("{HEAD}territories = [\"*\"]\n{TRACK}").replace("a.flac", "link.flac");
    assert!(read_in(&folder, &text).unwrap_err().message.contains("leads out"));
}
