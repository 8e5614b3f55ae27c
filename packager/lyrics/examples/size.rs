//! How large word-level JSON is beside enhanced LRC, both in Brotli at quality 11: `size FILE…`, each named
//! song.LANG.ext, or a list of words `word_start,word_end` in seconds beside a text (`NAME.words.csv`, `NAME.txt`).
//! `tests/bench/lyrics` builds and runs it.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement

use std::{env, fs, path::Path};

use nada_lyrics::{
    Hint, Kind, Layer, Line, Lyrics, LyricsTimeline, OutputFormat, Phrase, Word, json, parse, write,
};

fn main() {
    let (mut jsons, mut lrcs) = (0, 0);
    for file in env::args().skip(1) {
        let layer = read(Path::new(&file));
        if !layer.words_timed() {
            continue;
        }
        let lyrics = Lyrics::new(vec![layer]).unwrap();
        let json = brotli(&json::write(&lyrics, &LyricsTimeline::SOURCE, None));
        let lrc = brotli(&write(&lyrics, OutputFormat::EnhancedLrc));
        println!("{:.2}  {json:6} B of JSON, {lrc:6} B of enhanced LRC  {file}", ratio(json, lrc));
        (jsons, lrcs) = (jsons + json, lrcs + lrc);
    }
    println!("{:.2}  over all", ratio(jsons, lrcs));
}

#[allow(clippy::cast_precision_loss)] // far below 2^53
fn ratio(a: usize, b: usize) -> f64 {
    a as f64 / b as f64
}

fn brotli(text: &str) -> usize {
    let mut coded = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut text.as_bytes(), &mut coded, &params).unwrap();
    coded.len()
}

fn read(path: &Path) -> Layer {
    let name = path.to_str().unwrap();
    if let Some(stem) = name.strip_suffix(".words.csv") {
        return timed(
            &fs::read_to_string(path).unwrap(),
            &fs::read_to_string(format!("{stem}.txt")).unwrap(),
        );
    }
    let stem = Path::new(path.file_stem().unwrap());
    let lang = stem.extension().and_then(|lang| lang.to_str()).unwrap_or("und").parse().unwrap();
    parse(&fs::read(path).unwrap(), &Hint { lang, kind: Kind::Main }).unwrap().layer
}

/// The words of a text, line by line, at the times listed word by word.
fn timed(csv: &str, text: &str) -> Layer {
    let ms = |seconds: &str| {
        format!("{:.0}", seconds.trim().parse::<f64>().unwrap() * 1000.0).parse::<i64>().unwrap()
    };
    let mut times = csv.lines().skip(1).filter(|row| !row.is_empty()).map(|row| {
        let mut fields = row.split(',');
        (ms(fields.next().unwrap()), ms(fields.next().unwrap()))
    });
    let lines = text.lines().filter(|line| !line.trim().is_empty()).map(|line| {
        let text = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut at = 0;
        let words: Vec<Word> = text
            .split(' ')
            .map(|word| {
                let bytes = at..at + word.len();
                at += word.len() + 1;
                let (start_ms, end_ms) = times.next().unwrap();
                Word { bytes, start_ms, end_ms: Some(end_ms.max(start_ms)) }
            })
            .collect();
        Line::new(words.first().map(|word| word.start_ms), None, Phrase::new(text, words).unwrap()).unwrap()
    });
    Layer::new("en".parse().unwrap(), Kind::Main, Vec::new(), lines.collect()).unwrap()
}
