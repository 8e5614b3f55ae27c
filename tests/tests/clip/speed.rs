//! What pictures cost: CPU time and memory. Ignored, since other tests beside it would be measured, too: `tests/bench/clip`.

use std::time::Duration;

use nada_catalog::Version;
use nada_clip::{
    Credits, Form, PictureCodec, Scene, Size, Song, Sound, SoundPlan, Style, Theme, Tint, Typesetter, Wanted,
    film, still,
};
use nada_lyrics::{Hint, Kind, Lyrics, parse};
use nada_pipeline::{Execution, Folder, Settings, package};

use crate::make::{KABIR, release};

/// The CPU time of this process, in ticks of 10 ms.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<u64>().unwrap();
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

/// The most memory that a run of `nada clip` had, in MiB: of the whole program, with the packaging of its sound.
fn peak(args: &[&str]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let mut nada = std::process::Command::new(nada_tests::demo::nada().unwrap());
    nada.args(["clip", KABIR, "--json", "--release"]).arg(release("kabir-dohe")).args(args);
    let mut child = nada
        .arg("--out")
        .arg(folder.path().join("film.mp4"))
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        most = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(most);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(most > 0 && child.wait().unwrap().success());
    most / 1024
}

/// The sound of a span of the demo's Kabir, cut from a rendition.
pub fn sound(ladder: &str, span: &std::ops::Range<i64>) -> Sound {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Folder::create(folder.path()).unwrap();
    let settings = Settings { ladder: ladder.parse().unwrap(), ..Settings::default() };
    let master = release("kabir-dohe").with_file_name("01.flac");
    let packaged = package(&master, &settings, &Execution::default(), &mut sink, &|_| ()).unwrap();
    let presentation = packaged.into_presentation(KABIR.parse().unwrap(), Version::from_input(&[]));
    let plan = SoundPlan::new(&presentation, span).unwrap();
    let bytes = std::fs::read(folder.path().join(format!("{}.mp4", plan.rendition))).unwrap();
    let part = |range: &std::ops::Range<u64>| &bytes[range.start as usize..range.end as usize];
    plan.cut(part(&plan.header), part(&plan.segments)).unwrap()
}

/// The demo's Kabir with its layers.
pub fn song() -> Song {
    let releases = release("kabir-dohe").with_file_name("01").display().to_string();
    let layer = |lang: &str, kind| {
        let bytes = std::fs::read(format!("{releases}.{lang}.lrc")).unwrap();
        parse(&bytes, &Hint { lang: lang.parse().unwrap(), kind }).unwrap().layer
    };
    let layers =
        vec![layer("hi", Kind::Main), layer("hi-Latn", Kind::Pronunciation), layer("en", Kind::Translation)];
    let shown = ["hi-Latn".parse().unwrap(), "en".parse().unwrap()];
    let credits = Credits {
        title: "बुरा जो देखन मैं चला".into(),
        artists: vec!["Nada".into()],
        label: Some("Nada Demo".into()),
    };
    Song::new(credits, &Lyrics::new(layers).unwrap(), &shown, 46, 39_046)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
#[ignore = "measures alone"]
fn cards_and_films_stay_within_their_budgets() {
    let song = song();
    let style =
        Style { size: Size::Story, theme: Theme::Dark, tint: Tint::of_track("INNDA2600001"), artwork: None };
    for (codec, budget) in [(PictureCodec::Png, 150), (PictureCodec::Webp, 150)] {
        // many, since a tick is long
        let count = 20;
        let begun = cpu();
        for _ in 0..count {
            let mut typesetter = Typesetter::default();
            let excerpt = song.excerpt(&Wanted::Lines("1-4".parse().unwrap()), Form::Card).unwrap();
            let scene = Scene::card(&mut typesetter, &song.credits, &excerpt, &style).unwrap();
            assert!(still(&scene, codec).unwrap().len() > 10_000);
        }
        let time = (cpu() - begun) / count;
        eprintln!("a card as {codec:?}: {time:?} of CPU");
        assert!(time < Duration::from_millis(budget), "{time:?}");
    }
    let excerpt = song.excerpt(&Wanted::Time(1_500..16_500), Form::Film).unwrap();
    let sound = sound("aac-128", &excerpt.span);
    let times = (0..5).map(|_| {
        let begun = cpu();
        let mut typesetter = Typesetter::default();
        let scene = Scene::film(&mut typesetter, &song.credits, &excerpt, &style).unwrap();
        assert!(film(&scene, &excerpt, &sound, &|_, _| ()).unwrap().len() > 100_000);
        cpu() - begun
    });
    let time = median(times.collect());
    let memory = peak(&["--from", "0:01.5", "--to", "0:16.5"]);
    eprintln!("a story film of 15 s: {time:?} of CPU, {memory} MiB at most");
    assert!(time < Duration::from_secs(12), "{time:?}");
    assert!(memory < 256, "{memory}");
}
