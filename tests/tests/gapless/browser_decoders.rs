//! Each rendition by Chromium's decoder and by two ffmpegs: the source starts at sample M, and the length is M + n,
//! or that and the rest of the last access unit, wherever joins of encoded chunks lie in between.

use std::path::Path;

use nada_tests::browser;
use serde_json::json;

use crate::{
    ffmpeg, master,
    packaged::{Packaged, Rendition},
    signal::{Pcm, lag},
    site::Site,
};

/// More than one chunk of encoded AAC, which ends here in the media, and an odd rest.
const LONG: usize = 2_470_123;
const JOIN: usize = 2_228_224;
/// Some seconds, and an odd rest.
const SHORT: usize = 480_077;

/// What Chromium's `decodeAudioData` makes of each track file.
async fn chromium(packaged: &Packaged) -> Vec<Pcm> {
    let site = Site::of(packaged.folder.clone()).await;
    let renditions: Vec<_> = packaged
        .renditions
        .iter()
        .map(|r| json!({ "name": r.name, "rate": r.rate, "files": [format!("{}.mp4", r.name)] }))
        .collect();
    browser::run("pcm", &json!({ "site": site.url(""), "renditions": renditions })).await.unwrap();
    let heard = |r: &Rendition| std::fs::read(packaged.folder.join(format!("{}.f32", r.name))).unwrap();
    packaged.renditions.iter().map(|r| Pcm::from_bytes(&heard(r))).collect()
}

/// What Chromium makes of 16-bit FLAC, on the scale of everyone else: it takes v above 0 for v / 32767, and v below for
/// v / 32768.
fn rescaled(heard: &Pcm) -> Pcm {
    Pcm(heard.0.iter().map(|&v| if v > 0.0 { (v * 32_767.0).round() / 32_768.0 } else { v }).collect())
}

/// The source at a rendition's rate.
fn source(file: &Path, rate: u32) -> Pcm {
    let folder = tempfile::tempdir().unwrap();
    let same = folder.path().join("source.wav");
    ffmpeg::SYSTEM.run(file, &["-ar", &rate.to_string(), "-c:a", "pcm_f32le"], &same);
    ffmpeg::SYSTEM.decode(&same)
}

fn judge(decoder: &str, rendition: &Rendition, source: &Pcm, heard: &Pcm) {
    let Rendition { name, rate, priming, samples, .. } = rendition;
    let excess = heard.len() as i64 - rendition.length() as i64;
    let rest = rendition.rest() as i64;
    assert!(
        excess == 0 || excess == rest,
        "{decoder}, {name}: {excess} samples more than M + n, of {rest} foreseen"
    );
    if name == "flac" {
        assert_eq!(source.len(), *samples);
        assert!(heard.part(*priming..rendition.length()) == *source, "{decoder}: FLAC changed a sample");
        assert!(heard.0[..2 * priming].iter().all(|&sample| sample == 0.0));
        println!("| {decoder} | {rate} | {name} | {priming} (every bit) | +{excess} of {rest} |");
        return;
    }
    let (source, heard) = (source.middle(), heard.middle());
    let window = 1 << 15;
    // at the start, over the join of two chunks (or in the middle, where there is none) and at the end
    let inside = if JOIN < *samples { JOIN - priming - window / 2 } else { samples / 2 };
    let starts = [0, inside, samples - window - 64];
    let lags = starts
        .map(|start| lag(&source, start..start + window, &heard, *priming as i64 - 40..*priming as i64 + 40));
    println!(
        "| {decoder} | {rate} | {name} | {:.2} {:.2} {:.2} | +{excess} of {rest} |",
        lags[0], lags[1], lags[2]
    );
    for lag in lags {
        assert!(
            (lag.round() - *priming as f64).abs() <= 1.0,
            "{decoder}, {name}: the source starts at {lags:?}"
        );
    }
}

async fn decoders_agree(rate: u32, samples: usize, codec: &str, ladder: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("source.wav");
    master::music(&file, rate, samples, codec);
    let packaged = Packaged::new(&file, folder.path(), "packaged", &["--ladder", ladder]);
    println!("| decoder | Hz | rendition | source at (start, inside, end) | length − (M + n) |");
    let by_chromium = chromium(&packaged).await;
    for (rendition, heard) in packaged.renditions.iter().zip(&by_chromium) {
        let source = source(&file, rendition.rate);
        let scaled = rendition.name == "flac" && codec == "pcm_s16le";
        judge("Chromium", rendition, &source, &if scaled { rescaled(heard) } else { heard.clone() });
        for decoder in ffmpeg::all() {
            let name = decoder.name();
            judge(&name, rendition, &source, &decoder.decode(packaged.playlist(&rendition.name)));
            let whole = decoder.decode(packaged.track_file(&rendition.name));
            judge(&format!("{name}, whole file"), rendition, &source, &whole);
        }
    }
}

const LADDER: &str = "heaac2-24,heaac2-32,heaac-64,aac-128,aac-256,flac";

#[tokio::test(flavor = "multi_thread")]
async fn the_source_lies_at_m_in_every_rendition_at_44100() {
    decoders_agree(44_100, LONG, "pcm_s16le", LADDER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_source_lies_at_m_in_every_rendition_at_48000() {
    decoders_agree(48_000, SHORT, "pcm_s16le", LADDER).await;
}

/// FLAC keeps 96 kHz and 24 bits; AAC beside it runs at 48 kHz.
#[tokio::test(flavor = "multi_thread")]
async fn the_source_lies_at_2m_in_flac_at_96000() {
    decoders_agree(96_000, 2 * SHORT - 1, "pcm_s24le", "heaac2-24,flac").await;
}
