//! The sound of films, against the masters they were made of.

use std::path::Path;

use nada_clip::{Form, Scene, Size, Style, Theme, Tint, Typesetter, Wanted, film};

use crate::{
    make::{Made, quiet, release},
    speed::{song, sound},
};

/// Samples of a file's sound at `rate`, one channel, as an ordinary player hears them: edit list and all.
pub fn samples(file: &Path, rate: u32) -> Vec<f32> {
    samples_by("ffmpeg", file, rate)
}

fn samples_by(ffmpeg: &str, file: &Path, rate: u32) -> Vec<f32> {
    let rate = rate.to_string();
    let bytes = quiet(
        ffmpeg,
        &["-v", "warning", "-nostdin", "-i"],
        file,
        &["-map", "0:a:0", "-ac", "1", "-ar", &rate, "-f", "f32le", "-"],
    );
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// Where the first second of `heard` lies in `source`, in samples: the place near `expected` with the highest correlation.
fn place(heard: &[f32], source: &[f32], expected: i64) -> i64 {
    let window = &heard[4_410..4_410 + 32_768];
    let likeness = |at: i64| -> f32 {
        let Some(part) = usize::try_from(at + 4_410).ok().and_then(|at| source.get(at..at + window.len()))
        else {
            return -1.0;
        };
        let (dot, energy) =
            window.iter().zip(part).fold((0.0, 1e-9), |(dot, energy), (a, b)| (dot + a * b, energy + b * b));
        dot / f32::sqrt(energy)
    };
    (expected - 2_400..expected + 2_400).max_by(|a, b| likeness(*a).total_cmp(&likeness(*b))).unwrap()
}

#[test]
fn films_begin_within_five_milliseconds_of_their_first_word() {
    let master = release("kabir-dohe").with_file_name("01.flac");
    let source = samples(&master, 44_100);
    // true times of the first words of these lines, in ms of the master (01.hi.lrc)
    for (line, word_ms) in [("1", 1_960), ("2", 5_960), ("5", 19_950), ("8", 31_930)] {
        let film = Made::of_kabir("film.mp4", &["--lines", line, "--size", "square"]);
        let heard = samples(&film.file, 44_100);
        let expected = word_ms * 44_100 / 1000;
        let far = (place(&heard, &source, expected) - expected) as f64 / 44.1;
        eprintln!("line {line} begins {far:.2} ms from its first word");
        assert!(far.abs() < 5.0, "line {line}: {far} ms");
    }
}

#[test]
fn the_first_millisecond_is_whole() {
    // an AAC decoder without the access unit before would fade in over 1024 samples
    let source = samples(&release("kabir-dohe").with_file_name("01.flac"), 44_100);
    let film = Made::of_kabir("film.mp4", &["--from", "0:03.5", "--to", "0:05", "--size", "square"]);
    let heard = samples(&film.file, 44_100);
    let at = place(&heard, &source, (3_500 - 46) * 441 / 10);
    let at = usize::try_from(at).unwrap();
    let power = |part: &[f32]| part.iter().map(|sample| sample * sample).sum::<f32>() / part.len() as f32;
    for start in [0, 512] {
        let (ours, theirs) = (&heard[start..start + 512], &source[at + start..at + start + 512]);
        let error: Vec<f32> = ours.iter().zip(theirs).map(|(a, b)| a - b).collect();
        let ratio = power(&error) / power(theirs);
        assert!(ratio < 0.05, "{start}: {ratio}");
    }
    // ffmpeg leaves the rest of the last access unit
    let rest = heard.len() - (film.to_ms - film.from_ms) as usize * 441 / 10;
    assert!(rest < 1024, "{rest}");
}

#[test]
fn loudness_is_that_of_the_song() {
    let source = samples(&release("kabir-dohe").with_file_name("01.flac"), 44_100);
    let film = Made::of_kabir("film.mp4", &["--lines", "1-4", "--size", "square"]);
    let heard = samples(&film.file, 44_100);
    let at = (film.from_ms - 46) as usize * 441 / 10;
    let power = |part: &[f32]| part.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
    let decibels = 10.0 * (power(&heard) / power(&source[at..at + heard.len()])).log10();
    assert!(decibels.abs() < 0.2, "{decibels} dB");
}

#[test]
fn sound_in_he_aac_begins_as_exactly() {
    // ffmpeg 5.1 loses its place in HE-AAC that begins with many access units which are not heard
    let current = "ffmpeg-current";
    if std::process::Command::new(current).arg("-version").output().is_err() {
        eprintln!("SKIPPED: the sound of films in HE-AAC: {current} is not installed; tests/run says why");
        return;
    }
    let source = samples(&release("kabir-dohe").with_file_name("01.flac"), 44_100);
    let song = song();
    let style = Style { size: Size::Square, theme: Theme::Dark, tint: Tint::of_track("x"), artwork: None };
    for (ladder, late) in [("heaac-64", 1), ("heaac2-32", 1), ("aac-96", 0), ("heaac-64,aac-96", 0)] {
        let excerpt = song.excerpt(&Wanted::Lines("4".parse().unwrap()), Form::Film).unwrap();
        let mut typesetter = Typesetter::default();
        let scene = Scene::film(&mut typesetter, &song.credits, &excerpt, &style).unwrap();
        let sound = sound(ladder, &excerpt.span);
        assert_eq!(sound.frame, if late == 0 { 1024 } else { 2048 }, "LC before HE");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("film.mp4");
        std::fs::write(&file, film(&scene, &excerpt, &sound, &|_, _| ()).unwrap()).unwrap();
        let expected = 13_910 * 441 / 10;
        let far = (place(&samples_by(current, &file, 44_100), &source, expected) - expected) as f64 / 44.1;
        eprintln!("{ladder} begins {far:.2} ms from the first word");
        assert!(far.abs() < 5.0, "{ladder}: {far} ms");
    }
}
