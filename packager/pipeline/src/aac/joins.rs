//! Where one encoder's access units end and another's begin, a decoder hears no more of it than of a source that
//! began a little later.

use std::{path::Path, process::Command, thread};

use realfft::RealFftPlanner;

use super::ObjectType;
use crate::{
    budget::SampleBudget,
    chunk::{ChunkLayout, Chunker},
    geometry::{HE_FRAME, PRIMING, Schedule},
    part_size::PartSize,
    rendition::{AacRendition, RenditionEncoder as _},
    track_file::TrackFile,
};

const RATE: u32 = 44_100;
/// Samples that a spectrum is taken of.
const FRAME: usize = HE_FRAME as usize;
/// Spectra looked at around a join, the one that begins with it being 0: from before what the last frames of the
/// one encoder overlap to beyond the first SBR header period of the other.
const AROUND: std::ops::Range<i64> = -2..18;
/// Seconds of music.
const SECONDS: usize = 75;
/// Samples by which the source begins later in the encodings to compare with.
const LATER: [usize; 2] = [700, 1500];

/// One encoder for the whole recording.
const SERIAL: u64 = 1 << 34;
/// One for each segment.
const EACH: u64 = 1;

/// What ffmpeg decodes, which must not complain, both channels.
fn ffmpeg(input: &Path, options: &[&str], format: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-err_detect", "crccheck+bitstream+buffer+explode", "-i"])
        .arg(input)
        .args(["-map", "0:a:0"])
        .args(options)
        .args(["-f", format, "-"])
        .output()
        .expect("this test needs ffmpeg");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    output.stdout
}

/// The mid channel as a decoder gives it.
fn decoded(rendition: &AacRendition, span: u64, pcm: &[i16], folder: &Path, name: &str) -> Vec<f32> {
    let budget = SampleBudget::new(usize::MAX);
    let schedule = Schedule::default();
    let mut chunker = Chunker::new(ChunkLayout::spanning(span), schedule, &budget);
    let mut chunks = Vec::new();
    chunker.push(pcm, &mut |chunk| chunks.push(chunk));
    let total = chunker.finish(&mut |chunk| chunks.push(chunk));
    let mut file = TrackFile::new(rendition.name(), PartSize::default());
    for chunk in &chunks {
        rendition.encode(chunk, &mut |segment| file.push(segment, &mut |_| Ok(())).is_ok()).unwrap();
    }
    let (stored, files) = rendition.finish(schedule, total, file, None).unwrap();
    assert_eq!(stored.file.parts.len(), 1, "the first part is the whole");
    let file = folder.join(name);
    std::fs::write(&file, &files[0].bytes).unwrap();
    let samples = ffmpeg(&file, &[], "f32le");
    let samples = samples.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    samples.collect::<Vec<_>>().chunks_exact(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect()
}

/// Energies in dB of bands of equal width on the scale of pitch, 90 Hz to 16 kHz.
fn spectrum(samples: &[f32]) -> Vec<f64> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FRAME);
    let hann = |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / FRAME as f32).cos();
    let mut windowed: Vec<f32> = samples.iter().enumerate().map(|(i, sample)| sample * hann(i)).collect();
    let mut bins = fft.make_output_vec();
    fft.process(&mut windowed, &mut bins).unwrap();
    let edge = |band: i32| 4.0 * (740.0_f64 / 4.0).powf(f64::from(band) / 40.0);
    (0..40)
        .map(|band| {
            let (from, to) = (edge(band) as usize, (edge(band + 1) as usize).max(edge(band) as usize + 1));
            let energy: f64 = bins[from..to].iter().map(|bin| f64::from(bin.norm_sqr())).sum();
            10.0 * (energy / (to - from) as f64 + 1e-3).log10()
        })
        .collect()
}

/// The log-spectral distance in dB of `heard` from `source`, both from their sample on.
fn distance(source: &[f32], from: usize, heard: &[f32], at: usize) -> f64 {
    let (a, b) = (spectrum(&source[from..from + FRAME]), spectrum(&heard[at..at + FRAME]));
    (a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
}

/// How an encoding compares to the serial one around the joins, in dB of log-spectral distance from the source.
#[derive(Debug)]
struct Against {
    /// On average over all joins.
    mean: f64,
    /// Of the worst join.
    join: f64,
    /// Of the worst single spectrum.
    frame: f64,
}

impl std::fmt::Display for Against {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:+.3} {:+.3} {:+.2}", self.mean, self.join, self.frame)
    }
}

fn against(serial: &[Vec<f64>], other: &[Vec<f64>]) -> Against {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let joins: Vec<f64> = serial.iter().zip(other).map(|(s, o)| mean(o) - mean(s)).collect();
    let frames = serial.iter().flatten().zip(other.iter().flatten()).map(|(s, o)| o - s);
    Against {
        mean: mean(&joins),
        join: joins.iter().copied().fold(f64::MIN, f64::max),
        frame: frames.fold(f64::MIN, f64::max),
    }
}

fn judge(name: &str, object_type: ObjectType, pcm: &[i16], source: &[f32]) {
    let rendition = AacRendition::new(name.parse().unwrap(), object_type, RATE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let schedule = Schedule::default();
    let end = |index: usize| (0..=index).map(|i| schedule.length(i) as usize).sum::<usize>();
    let whole = source.len() + PRIMING as usize;
    let joins: Vec<usize> = (0..).map(end).take_while(|join| join + 40 * FRAME < whole).collect();
    let distances = |heard: &[f32], later: usize| -> Vec<Vec<f64>> {
        let around = |join: &usize| {
            let at = |frame: i64| (*join as i64 + frame * FRAME as i64) as usize;
            AROUND
                .map(|frame| distance(source, at(frame) - PRIMING as usize, heard, at(frame) + later))
                .collect()
        };
        joins.iter().map(around).collect()
    };
    let serial = decoded(&rendition, SERIAL, pcm, folder.path(), "serial");
    let chunked = decoded(&rendition, EACH, pcm, folder.path(), "chunked");
    assert_eq!(serial.len(), chunked.len());
    let serially = distances(&serial, 0);
    let chunk = against(&serially, &distances(&chunked, 0));
    let shifts = LATER.map(|later| {
        let pcm: Vec<i16> = std::iter::repeat_n(0, 2 * later).chain(pcm.iter().copied()).collect();
        against(&serially, &distances(&decoded(&rendition, SERIAL, &pcm, folder.path(), "later"), later))
    });
    let loudest = |samples: &[f32]| samples.iter().fold(0.0_f32, |max, sample| max.max(sample.abs()));
    let peaks = [&serial, &chunked].map(|samples| loudest(samples));
    let own = serially.iter().flatten().sum::<f64>() / (joins.len() * AROUND.count()) as f64;
    println!(
        "| {name} | {own:.2} | {chunk} | {} | {} | {:.2} {:.2} |",
        shifts[0], shifts[1], peaks[0], peaks[1]
    );
    let most = |of: fn(&Against) -> f64| shifts.iter().map(of).fold(f64::MIN, f64::max);
    assert!(chunk.join <= most(|shift| shift.join), "{name}: a join is {:+.3} dB farther", chunk.join);
    assert!(chunk.frame <= most(|shift| shift.frame), "{name}: a spectrum is {:+.3} dB farther", chunk.frame);
    assert!(peaks[1] <= 1.05 * peaks[0], "{name}: a pop of {:.2}", peaks[1]);
}

#[test]
fn a_join_is_no_farther_from_the_source_than_a_serial_encoding() {
    let master = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/demo/releases/lets-go-fishin/01.ogg");
    let bytes = ffmpeg(&master, &["-t", &SECONDS.to_string(), "-ac", "2", "-ar", &RATE.to_string()], "s16le");
    let pcm: Vec<i16> = bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
    let middle = |pair: &[i16]| (f32::from(pair[0]) + f32::from(pair[1])) / 65_536.0;
    let source: Vec<f32> = pcm.chunks_exact(2).map(middle).collect();
    println!(
        "| rendition | serial | chunks: mean, worst join, worst spectrum | {} later | {} later | peaks |",
        LATER[0], LATER[1]
    );
    let (pcm, source) = (&pcm, &source);
    thread::scope(|scope| {
        for (name, object_type) in [
            ("heaac2-24", ObjectType::HeV2),
            ("heaac2-32", ObjectType::HeV2),
            ("heaac-64", ObjectType::He),
            ("aac-128", ObjectType::Lc),
            ("aac-256", ObjectType::Lc),
        ] {
            scope.spawn(move || judge(name, object_type, pcm, source));
        }
    });
}
