//! A tone cut over two tracks: trimmed by the numbers and joined, it goes on.

use std::f64::consts::TAU;

use crate::{
    ffmpeg, master,
    packaged::{Packaged, Rendition},
    signal::{Pcm, Tone},
};

const RATE: u32 = 44_100;
/// Cycles per sample: 2997 Hz, below the core band of every rendition, no whole number of samples to a period.
const FREQUENCY: f64 = 2997.0 / RATE as f64;
/// Where the tone is cut: no multiple of any frame.
const CUT: usize = 250_007;
const TOTAL: usize = 480_001;

/// The residual around the join in dB that each rendition stays below: an encoder rings where a tone begins or ends. A
/// second track that is one sample off leaves −10 dB whatever the codec.
const BOUNDS: [(&str, f64); 6] = [
    ("heaac2-24", -20.0),
    ("heaac2-32", -20.0),
    ("heaac-64", -24.0),
    ("aac-128", -35.0),
    ("aac-256", -40.0),
    ("flac", -80.0),
];

/// How a joined tone goes on.
#[derive(Debug)]
struct Join {
    /// Samples by which the tone is late behind the join.
    step: f64,
    /// Residual in dB around the join.
    around: f64,
    /// Residual in dB elsewhere.
    elsewhere: f64,
}

impl Join {
    fn of(signal: &[f32], at: usize) -> Self {
        // both sides steady: what an encoder makes of a tone that begins or ends stays outside
        let (before, after) = (at - 40_000..at - 8_192, at + 8_192..at + 40_000);
        let tone = Tone::fit(signal, before.clone(), FREQUENCY);
        Self {
            step: tone.delay_to(&Tone::fit(signal, after, FREQUENCY)),
            around: tone.residual(signal, at - 1024..at + 1024),
            elsewhere: tone.residual(signal, before),
        }
    }
}

/// A decoded track, trimmed by its numbers.
fn trimmed(track: &Pcm, rendition: &Rendition) -> Vec<f32> {
    track.part(rendition.priming..rendition.length()).middle()
}

#[test]
fn a_tone_cut_over_two_tracks_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let tone: Vec<f32> = (0..TOTAL).map(|i| (0.4 * (TAU * FREQUENCY * i as f64).sin()) as f32).collect();
    let [a, b] = [("a", &tone[..CUT]), ("b", &tone[CUT..])].map(|(name, part)| {
        let file = folder.path().join(format!("{name}.wav"));
        let source = master::wav(&file, RATE, part);
        (source, Packaged::new(&file, folder.path(), name, &[]))
    });
    println!(
        "| decoder | rendition | step at the join | residual around it | elsewhere | one sample off | untrimmed |"
    );
    for decoder in ffmpeg::all() {
        for (x, y) in a.1.renditions.iter().zip(&b.1.renditions) {
            let name = &x.name;
            let [first, second] =
                [(&a.1, x), (&b.1, y)].map(|(packaged, r)| decoder.decode(packaged.playlist(&r.name)));
            let whole = [trimmed(&first, x), trimmed(&second, y)].concat();
            assert_eq!(whole.len(), TOTAL);
            if name == "flac" {
                assert_eq!(whole, [a.0.middle(), b.0.middle()].concat());
            }
            let right = Join::of(&whole, CUT);
            // the same join if the second track were trimmed by a sample too many, or not at all
            let off = Join::of(&[&whole[..CUT], &whole[CUT + 1..]].concat(), CUT);
            let untrimmed = Join::of(&[trimmed(&first, x), second.middle()].concat(), CUT);
            println!(
                "| {} | {name} | {:+.3} samples | {:.1} dB | {:.1} dB | {:+.3}, {:.1} dB | {:+.3}, {:.1} dB |",
                decoder.name(),
                right.step,
                right.around,
                right.elsewhere,
                off.step,
                off.around,
                untrimmed.step,
                untrimmed.around
            );
            let bound = BOUNDS.iter().find(|(rung, _)| rung == name).unwrap().1;
            let seamless = |join: &Join| join.step.abs() < 0.05 && join.around < bound;
            assert!(seamless(&right), "{}, {name}: {right:?}", decoder.name());
            assert!(
                !seamless(&off) && off.around > bound,
                "{name}: a sample too many goes unnoticed: {off:?}"
            );
            assert!(
                !seamless(&untrimmed) && untrimmed.around > bound,
                "{name}: priming goes unnoticed: {untrimmed:?}"
            );
        }
    }
}
