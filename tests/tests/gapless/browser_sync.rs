//! Lyrics in step with the sound: on the player page in Chromium, each word is lit when it sounds, on every rendition, FLAC
//! too, with `@nada/player` and with the browser's own HLS, from the start, from mid-song, after a seek, and after switches of the
//! rendition.

use std::{collections::BTreeMap, fs, ops::Range, path::Path};

use futures_util::future::join_all;
use nada_tests::{browser, client::Client, demo::Demo};
use serde_json::{Value, json};

use crate::{ffmpeg::SYSTEM, signal::lag};

const RATE: f64 = 44_100.0;
const PRIMING: i64 = 2048;
/// Milliseconds by which a word may be lit before or after it sounds.
const ALLOWED: f64 = 20.0;
/// A frame that comes later than this after the one before was missed by a busy machine, and says nothing of the page.
const FRAME: f64 = 22.0;
/// Milliseconds in which the page lights what sounds already where a stretch begins.
const ARRIVAL: f64 = 300.0;
/// How often a play is repeated when the machine missed too many frames.
const TRIES: usize = 3;
/// Renditions in the multivariant playlist, from the lowest; FLAC, alone in its own, comes after them.
const LOSSY: usize = 5;
const FLAC: usize = LOSSY;

/// A demo song whose word times are true: it is put together from them.
struct DemoTrack {
    id: &'static str,
    folder: &'static str,
    audio: &'static str,
    lyrics: &'static str,
}

const KABIR: DemoTrack =
    DemoTrack { id: "INNDA2600001", folder: "kabir-dohe", audio: "01.flac", lyrics: "01.hi.lrc" };
const PANTUN: DemoTrack =
    DemoTrack { id: "IDNDA2600002", folder: "pantun", audio: "02.flac", lyrics: "02.id.lrc" };

impl DemoTrack {
    fn file(&self, name: &str) -> std::path::PathBuf {
        let releases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packager/cli/demo/releases");
        releases.join(self.folder).join(name)
    }

    /// Milliseconds of the source at which each word begins: the stamps of the song's own file.
    fn word_times(&self) -> Vec<f64> {
        let lyrics = fs::read_to_string(self.file(self.lyrics)).unwrap();
        let stamp = |text: &str| {
            let (minutes, seconds) = text.split_once(':').unwrap();
            1000.0 * (60.0 * minutes.parse::<f64>().unwrap() + seconds.parse::<f64>().unwrap())
        };
        let lines = lyrics.lines().filter(|line| line.starts_with("[00:"));
        // the last stamp of a line is where its last word ends
        let words = lines.flat_map(|line| line.split('<').skip(1).map(|word| word.split_once('>').unwrap()));
        words.filter(|(_, text)| !text.is_empty()).map(|(time, _)| stamp(time)).collect()
    }

    /// Where each word sounds in each rendition, in milliseconds of media time: its first quarter of a second, found in
    /// what ffmpeg decodes.
    async fn sounding(&self, demo: &Demo, renditions: &[usize]) -> BTreeMap<usize, Vec<f64>> {
        let source = SYSTEM.decode(self.file(self.audio)).middle();
        let words = self.word_times();
        let mut all = BTreeMap::new();
        for &rendition in renditions {
            let playlist = format!("{}{}", demo.edge(), path(demo, self, rendition));
            let answer = Client::default().send("GET", &playlist, &[]).await.unwrap();
            let (_, master) = m3u8_rs::parse_master_playlist(&answer.body).unwrap();
            assert_eq!(master.variants.len(), if rendition == FLAC { 1 } else { LOSSY });
            let base = playlist.rsplit_once('/').unwrap().0;
            let heard = SYSTEM.decode(format!("{base}/{}", master.variants[level(rendition)].uri)).middle();
            let of = |ms: &f64| {
                let start = (ms * RATE / 1000.0) as usize;
                let late =
                    lag(&source, start..start + RATE as usize / 4, &heard, PRIMING - 200..PRIMING + 200);
                (start as f64 + late) * 1000.0 / RATE
            };
            all.insert(rendition, words.iter().map(of).collect());
        }
        all
    }
}

/// The signed path of the playlist that has the rendition.
fn path(demo: &Demo, track: &DemoTrack, rendition: usize) -> String {
    let path = demo.path(track.id).unwrap();
    if rendition == FLAC { path.replace("multivariant.m3u8", "lossless.m3u8") } else { path.to_owned() }
}

/// Its place in that playlist.
fn level(rendition: usize) -> usize {
    if rendition == FLAC { 0 } else { rendition }
}

/// What is played: stretches of media seconds, the first from where the page starts, the next after a seek.
struct Play {
    track: &'static DemoTrack,
    player: &'static str,
    rendition: usize,
    stretches: &'static [[f64; 2]],
    switches: Vec<usize>,
}

impl Play {
    fn name(&self) -> String {
        let Self { player, rendition, switches, .. } = self;
        let to: String = switches.iter().map(|next| format!(" → {next}")).collect();
        format!("{}, {player}, {rendition}{to}, {:?}", self.track.folder, self.stretches)
    }

    /// Plays until enough words were judged: by how much each was late, and the frames missed.
    async fn measure(&self, demo: &Demo, sounding: &BTreeMap<usize, Vec<f64>>) -> Result<Measured, String> {
        let input = json!({ "edge": demo.edge(), "edgeHeaders": {}, "play": {
            "path": path(demo, self.track, self.rendition), "player": self.player, "level": level(self.rendition),
            "stretches": self.stretches, "switches": self.switches } });
        let heard: Vec<usize> = [level(self.rendition)].into_iter().chain(self.switches.clone()).collect();
        let mut measured = Measured::default();
        for _ in 0..TRIES {
            let report = browser::run("sync", &input).await.unwrap();
            assert_eq!(report["errors"], json!([]), "{report}");
            if self.player == "nada" {
                assert_eq!(report["levels"], json!(heard), "{report}");
            }
            // renditions agree on where a word sounds, so one of those that are switched stands for all
            measured.add(&report, &sounding[&self.rendition]);
            if measured.verdict().is_ok() {
                break;
            }
            println!("{}: once more, {measured:?}", self.name());
        }
        measured.verdict().map(|()| measured)
    }
}

/// What one play and its repetitions said.
#[derive(Debug, Default)]
struct Measured {
    /// By how many milliseconds each word was lit after it sounded in each try in which its frame came in time, the
    /// nearest to zero first.
    tries: BTreeMap<usize, Vec<f64>>,
    /// How often a frame came too late to say anything.
    missed: usize,
    /// The words that begin in each stretch that was played.
    expected: Vec<Vec<usize>>,
}

impl Measured {
    fn add(&mut self, report: &Value, sounding: &[f64]) {
        let stretches: Vec<[f64; 2]> = serde_json::from_value(report["stretches"].clone()).unwrap();
        let times = stretches.iter().map(|[from, until]| 1000.0 * from..1000.0 * until);
        for lit in report["lit"].as_array().unwrap() {
            let number = |name: &str| lit[name].as_f64().unwrap();
            let (word, ms) = (number("word") as usize, number("ms"));
            // lit because the listener went there, not because it began to sound
            if times.clone().any(|time| (time.start..time.start + ARRIVAL).contains(&ms)) {
                continue;
            }
            if number("since") > FRAME {
                self.missed += 1;
                continue;
            }
            let tries = self.tries.entry(word).or_default();
            tries.push(ms - sounding[word]);
            tries.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        }
        let begin = |time: Range<f64>| {
            let surely = time.start + ARRIVAL + ALLOWED..time.end - 100.0;
            (0..sounding.len()).filter(|&word| surely.contains(&sounding[word])).collect()
        };
        self.expected = times.map(begin).collect();
    }

    /// By how many milliseconds each word was late: the middle of its tries, since a fault of the page is in all of them
    /// and a busy machine's is not.
    fn late(&self) -> impl Iterator<Item = f64> {
        self.tries.values().map(|tries| tries[(tries.len() - 1) / 2])
    }

    /// Of the words that begin in each stretch at least three, and three quarters of all, were lit in frames that came in
    /// time, and each of them when it sounded.
    fn verdict(&self) -> Result<(), String> {
        for words in &self.expected {
            let judged = words.iter().filter(|word| self.tries.contains_key(word)).count();
            if judged < 3 || judged * 4 < words.len() * 3 {
                return Err(format!("{judged} of {} words judged: {self:?}", words.len()));
            }
        }
        match self.late().find(|late| late.abs() > ALLOWED) {
            None if !self.expected.is_empty() => Ok(()),
            late => Err(format!("{late:?} ms: {self:?}")),
        }
    }
}

fn plays() -> Vec<Play> {
    let play = |track, player, rendition, stretches, switches| Play {
        track,
        player,
        rendition,
        stretches,
        switches,
    };
    let mut plays = Vec::new();
    for rendition in 0..=FLAC {
        for player in ["nada", "native"] {
            // from mid-song, then after a seek
            plays.push(play(&KABIR, player, rendition, &[[13.5, 16.8], [20.5, 22.8]], vec![]));
        }
    }
    for player in ["nada", "native"] {
        plays.push(play(&PANTUN, player, 2, &[[0.0, 6.4], [10.9, 14.4]], vec![]));
    }
    // each rendition after a switch, upwards and downwards; native HLS has nothing to switch by
    plays.push(play(&KABIR, "nada", 0, &[[0.0, 30.5]], vec![4, 1, 3, 2]));
    plays.push(play(&KABIR, "nada", 4, &[[0.0, 30.5]], vec![0, 3, 1, 2]));
    plays
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_lit_when_it_sounds() {
    let demo = Demo::start().await.unwrap();
    let all: Vec<usize> = (0..=FLAC).collect();
    let kabir = KABIR.sounding(&demo, &all).await;
    let pantun = PANTUN.sounding(&demo, &[2]).await;
    for (rendition, words) in &kabir {
        let apart = words.iter().zip(&kabir[&FLAC]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart < 1.0, "{rendition} sounds {apart} ms apart from FLAC: {words:?}");
    }
    println!("| play | words | lit after they sound, ms: earliest, mean, latest | frames missed |");
    for pair in plays().chunks(2) {
        let sounding = |play: &Play| if play.track.id == KABIR.id { &kabir } else { &pantun };
        let measured = join_all(pair.iter().map(|play| play.measure(&demo, sounding(play)))).await;
        for (play, measured) in pair.iter().zip(measured) {
            let name = play.name();
            let measured = measured.unwrap_or_else(|why| panic!("{name}: {why}"));
            let (earliest, latest) =
                measured.late().fold((f64::MAX, f64::MIN), |(a, b), ms| (a.min(ms), b.max(ms)));
            let (words, missed) = (measured.tries.len(), measured.missed);
            let mean = measured.late().sum::<f64>() / words as f64;
            println!("| {name} | {words} | {earliest:+.1} {mean:+.1} {latest:+.1} | {missed} |");
        }
    }
}

#[test]
fn the_demo_tracks_have_their_words() {
    let times = KABIR.word_times();
    assert_eq!((times.len(), times[0], times[1]), (34, 1960.0, 2940.0));
    assert!(times.is_sorted());
    let times = PANTUN.word_times();
    assert_eq!((times.len(), times[0]), (27, 3440.0));
    assert!(times.is_sorted());
}

/// A page that lights nothing, or too little, is not in step, and neither is one that nobody could judge.
#[test]
fn too_few_words_are_no_proof() {
    let sounding: Vec<f64> = (1..=8).map(|second| 1000.0 * f64::from(second)).collect();
    let verdict = |lit: &[(usize, f64, f64)]| {
        let lit: Vec<Value> = lit
            .iter()
            .map(|&(word, late, since)| json!({ "word": word, "ms": sounding[word] + late, "since": since }))
            .collect();
        let mut measured = Measured::default();
        measured.add(&json!({ "lit": lit, "stretches": [[0.0, 4.5], [4.5, 8.5]] }), &sounding);
        measured.verdict()
    };
    let all: Vec<(usize, f64, f64)> = (0..8).map(|word| (word, 5.0, 16.7)).collect();
    let but = |words: &[usize], other: Option<(f64, f64)>| {
        let change = |&(word, late, since): &(usize, f64, f64)| match (words.contains(&word), other) {
            (false, _) => Some((word, late, since)),
            (true, other) => other.map(|(late, since)| (word, late, since)),
        };
        verdict(&all.iter().filter_map(change).collect::<Vec<_>>())
    };
    assert_eq!(verdict(&all), Ok(()));
    assert_eq!(but(&[1, 6], None), Ok(()), "three of four in each stretch");
    assert!(verdict(&[]).is_err(), "nothing was lit");
    assert!(but(&[1, 2], None).is_err(), "two of four were not lit, though all others were");
    assert!(but(&[4, 5], Some((5.0, 40.0))).is_err(), "the frames of two of four were missed");
    assert!(but(&[7], Some((-20.1, 16.7))).is_err(), "one was early");
    assert!(but(&[0], Some((20.1, 16.7))).is_err(), "one was late");
    let mut tries = Measured::default();
    let lit = |late: f64| {
        let lit =
            (0..4).map(|word: usize| json!({ "word": word, "ms": sounding[word] + late, "since": 16.7 }));
        json!({ "lit": lit.collect::<Vec<_>>(), "stretches": [[0.0, 4.5]] })
    };
    for (late, holds) in [(45.0, false), (-5.0, true), (45.0, false)] {
        tries.add(&lit(late), &sounding);
        assert_eq!(tries.verdict().is_ok(), holds, "late in most tries, or not: {tries:?}");
    }
    assert!(Measured::default().verdict().is_err(), "nothing was played");
}
