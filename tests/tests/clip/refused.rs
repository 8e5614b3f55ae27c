//! What cannot be made is refused in one sentence that says what to do.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::make::{KABIR, Made, release, run};

/// A release of one song with these lyrics.
fn with_lyrics(folder: &Path, lyrics: &[(&str, &str)]) -> PathBuf {
    std::fs::copy(release("kabir-dohe").with_file_name("01.flac"), folder.join("01.flac")).unwrap();
    for (name, text) in lyrics {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let names: Vec<String> = lyrics.iter().map(|(name, _)| format!("{name:?}")).collect();
    let text = format!(
        "[release]\nid = \"r\"\ntitle = \"R\"\nterritories = [\"*\"]\n[[track]]\nid = \"ONE\"\ntitle = \"One\"\nartists = [\"A\"]\n\
         audio = \"01.flac\"\nlyrics = [{}]\n[[track]]\nid = \"TWO\"\ntitle = \"Two\"\nartists = [\"A\"]\naudio = \"01.flac\"\n",
        names.join(", ")
    );
    let file = folder.join("release.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// The sentence and the exit code.
fn refused(release: &Path, track: &str, args: &[&str]) -> (String, i64) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(release, track, &folder.path().join("out.mp4"), args);
    assert!(!output.status.success(), "{args:?}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is written");
    let code = i64::from(output.status.code().unwrap());
    match serde_json::from_slice::<Value>(&output.stdout) {
        Ok(said) => (said["error"]["message"].as_str().unwrap().to_owned(), code),
        // clap refuses what it cannot read
        Err(_) => (String::from_utf8(output.stderr).unwrap(), code),
    }
}

#[test]
fn what_the_song_does_not_have_is_refused_in_one_sentence() {
    let kabir = release("kabir-dohe");
    for (args, code, says) in [
        (["--lines", "1-500"].as_slice(), 65, "lines 1 to 500 are asked for, but the song has 8"),
        (&["--lines", "9"], 65, "lines 9 to 9 are asked for, but the song has 8"),
        (&["--lines", "4-2"], 2, "the first line comes after the last"),
        (&["--lines", "0"], 2, "expected numbers of lines"),
        (&["--from", "0:20", "--to", "0:10"], 65, "0:20.000 comes after 0:10.000: exchange --from and --to"),
        (&["--from", "0:20", "--to", "9:00"], 65, "the song ends at 0:39."),
        (&["--from", "0:20"], 2, "--to"),
        (&["--from", "0:00", "--to", "0:01"], 65, "no line is sung between 0:00.000 and 0:01.000"),
        (&["--from", "20 s", "--to", "0:30"], 2, "expected minutes and seconds"),
        (&["--lines", "1-6", "--format", "png"], 65, "6 lines are asked for, but a picture has room for 5"),
        (&["--lines", "1", "--layer", "ta"], 65, "the lyrics have no layer ta: choose among hi, hi-Latn, en"),
        (&["--lines", "1", "--format", "gif"], 2, "expected mp4, webp, png or apng"),
        (&["--lines", "1", "--size", "tall"], 2, "expected story, square or wide"),
    ] {
        let (message, found) = refused(&kabir, KABIR, args);
        assert!(message.contains(says) && found == code, "{args:?}: {found} {message}");
        assert!(code == 2 || message.lines().count() == 1, "{message}");
    }
    let (message, code) = refused(&kabir, "NOPE", &["--lines", "1"]);
    assert!(message.contains("there is no track NOPE: choose among INNDA2600001") && code == 65, "{message}");
}

#[test]
fn lyrics_of_every_poverty_are_handled() {
    let folder = tempfile::tempdir().unwrap();
    let of = |lyrics: &[(&str, &str)]| with_lyrics(folder.path(), lyrics);
    // no lyrics; a release of several tracks
    let plain = of(&[("01.id.txt", "satu\ndua\n")]);
    let (message, _) = refused(&plain, "TWO", &["--lines", "1"]);
    assert!(message.contains("the track has no lyrics"), "{message}");
    let (message, _) = refused(&plain, "THREE", &["--lines", "1"]);
    assert!(message.contains("choose among ONE, TWO"), "{message}");
    // no times at all: a card alone
    let (message, _) = refused(&plain, "ONE", &["--lines", "1"]);
    assert!(message.contains("the lyrics have no times: only a card"), "{message}");
    Made::of(&plain, "ONE", "card.png", &["--lines", "1-2"]);
    // lines alone: they light up, and a notice says so
    let lines = of(&[("01.id.lrc", "[00:02.00]satu\n[00:04.00]dua\n[00:06.00]tiga 中\n")]);
    let film = Made::of(&lines, "ONE", "film.mp4", &["--lines", "1-2", "--size", "square"]);
    assert_eq!(film.notices, ["the words have no times: whole lines light up"]);
    // a character that no font has is named
    let card = Made::of(&lines, "ONE", "card.png", &["--lines", "3"]);
    assert_eq!(card.notices, ["no font has \"中\" (U+4E2D): its place is left empty"]);
    // a line as long as lyrics may have: no legible size has room for it
    let word = "kata ".repeat(780);
    let long = of(&[("01.id.lrc", &format!("[00:02.00]{}\n[00:30.00]dua\n", word.trim()))]);
    let (message, _) = refused(&long, "ONE", &["--lines", "1"]);
    assert!(
        message.contains("line 1 is too long for a picture of story: 3899 characters beginning \"kata kata"),
        "{message}"
    );
    // longer than that they are refused by line
    let longer = of(&[("01.id.lrc", &format!("[00:02.00]{}\n", "x".repeat(40_000)))]);
    let (message, code) = refused(&longer, "ONE", &["--lines", "1"]);
    assert!(message.contains("01.id.lrc") && message.contains("line 1") && code == 65, "{message}");
    // one word without a place to break it is broken between letters
    let word = of(&[("01.id.lrc", &format!("[00:02.00]{}\n[00:05.00]dua\n", "panjang".repeat(30)))]);
    Made::of(&word, "ONE", "film.mp4", &["--lines", "1", "--size", "square"]);
}
