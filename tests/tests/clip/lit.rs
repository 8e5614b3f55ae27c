//! When words are lit, measured in the decoded frames of the film and against its own sound.

use std::{collections::BTreeMap, path::Path};

use crate::make::{Made, quiet, release};

/// The list of lines in a story film: what is looked at, at half its size.
const CROP: &str = "crop=1080:940:0:540,scale=540:470:flags=area";
const WIDTH: usize = 540;
const PIXELS: usize = WIDTH * 470;

/// How strongly the colour of a word that sounds is to be seen: its strongest component less its weakest, at least. All other text
/// is nearly grey, whatever the colour of the artwork.
const LIT: i32 = 60;

/// The width of the light's edge, as a share of its word (`packager/clip/src/ink.rs`).
const RAMP: f64 = 0.16;

/// A word of a line: from when to when it is sung, in ms of the master.
type Word = (f64, f64);

/// The words of `01.hi.lrc`, line by line: true times, since the song was sung by a program.
fn words() -> Vec<Vec<Word>> {
    let text = std::fs::read_to_string(release("kabir-dohe").with_file_name("01.hi.lrc")).unwrap();
    let stamp = |text: &str| -> f64 {
        let (minutes, seconds) = text.split_once(':').unwrap();
        (minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()) * 1000.0
    };
    let lines = text.lines().filter(|line| line.contains("]<"));
    let line = |line: &str| {
        let times: Vec<f64> =
            line.split('<').skip(1).map(|part| stamp(part.split('>').next().unwrap())).collect();
        times.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    lines.map(line).collect()
}

/// How colourful each pixel is, frame by frame.
fn frames(film: &Path) -> Vec<Vec<i16>> {
    let bytes = quiet(
        "ffmpeg",
        &["-v", "warning", "-nostdin", "-i"],
        film,
        &["-vf", CROP, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
    );
    let colour = |rgb: &[u8]| {
        let (most, least) = (rgb.iter().max(), rgb.iter().min());
        i16::from(*most.unwrap()) - i16::from(*least.unwrap())
    };
    let frame = |bytes: &[u8]| bytes.chunks_exact(3).map(colour).collect();
    bytes.chunks_exact(PIXELS * 3).map(frame).collect()
}

/// When a word began to be lit, in ms of the film: its light, measured while it moves over the word, led back to where it began.
fn lit_from(frames: &[Vec<i16>], word: Word) -> Option<f64> {
    let frame = |ms: f64| (ms * 30.0 / 1000.0).round() as i64;
    // just before it is over all of it is lit; just before it began nothing was
    let (first, last) = (frame(word.0) - 2, frame(word.1) - 2);
    let full = frames.get(usize::try_from(last).ok()?)?;
    let dark = frames.get(usize::try_from(first.max(0)).ok()?)?;
    let mask: Vec<usize> =
        (0..PIXELS).filter(|at| i32::from(full[*at]) > LIT && i32::from(dark[*at]) < LIT / 2).collect();
    if mask.len() < 300 {
        return None;
    }
    // by columns of pixels, since a word has more ink in some than in others
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in mask {
        columns.entry(at % WIDTH).or_default().push(at);
    }
    let sum = |frame: &[i16], column: &[usize]| column.iter().map(|at| f64::from(frame[*at])).sum::<f64>();
    let light = |frame: &[i16]| {
        let share = |column: &Vec<usize>| {
            let (none, all) = (sum(dark, column), sum(full, column));
            (sum(frame, column) - none) / (all - none)
        };
        columns.values().map(share).sum::<f64>() / columns.len() as f64
    };
    let mut points = Vec::new();
    for index in first.max(0)..=last {
        let share = light(&frames[index as usize]);
        // where the whole edge of the light lies within the word
        if (0.2..0.8).contains(&share) {
            let progress = (share + RAMP / 2.0) / (1.0 + RAMP);
            points.push((progress, (index as f64) * 1000.0 / 30.0));
        }
    }
    let count = points.len() as f64;
    if points.len() < 3 {
        return None;
    }
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>()
        / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>();
    // frames are drawn for their middle
    Some(y - slope * x + 500.0 / 30.0)
}

#[test]
fn words_are_lit_within_a_frame_of_when_they_sound() {
    let film = Made::of_kabir("film.mp4", &["--lines", "1-4"]);
    let frames = frames(&film.file);
    let words = words();
    // the film's sound begins with the first word of its first line, which tests/sound.rs measures to the millisecond
    let start = words[0][0].0;
    let mut measured = Vec::new();
    // while a line's first word sounds the list moves, and the line comes up
    for word in words.iter().take(4).flat_map(|line| line.iter().skip(1)) {
        let word = (word.0 - start, word.1 - start);
        if let Some(lit) = lit_from(&frames, word) {
            eprintln!("{:.0} ms long: {:.1}", word.1 - word.0, lit - word.0);
            measured.push(lit - word.0);
        }
    }
    measured.sort_by(f64::total_cmp);
    let (first, last) = (measured[0], measured[measured.len() - 1]);
    eprintln!("{} words are lit {first:.1} to {last:.1} ms from when they sound", measured.len());
    assert!(measured.len() >= 10, "{}", measured.len());
    assert!(first > -1000.0 / 30.0 && last < 1000.0 / 30.0, "{measured:?}");
}
