//! An album by the recipe of `edge/recipes/album.mjs` in Chromium: a tone cut over two tracks goes on.

use std::{f64::consts::TAU, fmt::Write as _, fs, path::Path, sync::Arc};

use nada_tests::{browser, demo::Demo};
use serde_json::json;

use crate::{
    browser_renewal::backend,
    signal::Pcm,
    site::Site,
    song,
    tone::{CUT, FREQUENCY, Join, RATE, TOTAL},
};

/// The residual around the join in dB that each rendition stays below: those of ffmpeg's decoder, see [`crate::tone`].
const BOUNDS: [(&str, f64); 2] = [("heaac-64", -24.0), ("aac-128", -35.0)];
/// How often the page plays again when the machine was too busy to play without a break.
const TRIES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn browser_plays_a_tone_cut_over_two_tracks_as_one() {
    let tone: Vec<f32> = (0..TOTAL).map(|i| (0.4 * (TAU * FREQUENCY * i as f64).sin()) as f32).collect();
    let demo = Demo::with(|data| {
        let folder = data.join("songs/tone");
        fs::create_dir_all(&folder)?;
        let mut release = "[release]\nid = \"tone\"\ntitle = \"Tone\"\nterritories = [\"*\"]\n\n[ladder]\n\
                           renditions = [\"heaac-64\", \"aac-128\"]\n"
            .to_owned();
        for (name, part) in [("tone-a", &tone[..CUT]), ("tone-b", &tone[CUT..])] {
            song::wav(&folder.join(format!("{name}.wav")), RATE, part);
            write!(
                release,
                "\n[[track]]\nid = \"{name}\"\ntitle = \"{name}\"\nartists = [\"Nada\"]\naudio = \"{name}.wav\"\n"
            )?;
        }
        Ok(fs::write(folder.join("release.toml"), release)?)
    })
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("recipes")).unwrap();
    for recipe in ["address.mjs", "album.mjs"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../edge/recipes").join(recipe);
        fs::copy(from, folder.path().join("recipes").join(recipe)).unwrap();
    }
    let site = Site::with(folder.path().to_owned(), Arc::new(backend(&demo, Arc::default()))).await;
    let ask = |track: &str| format!("sign?name=album&track={track}&life=600&said=600");
    let plays = BOUNDS
        .map(|(rendition, _)| json!({ "rendition": rendition, "asks": [ask("tone-a"), ask("tone-b")] }));
    let input = json!({ "site": site.url(""), "rate": RATE, "plays": plays });
    for _ in 0..TRIES {
        let said = browser::run("album", &input).await.unwrap();
        let said = said.as_array().unwrap();
        if said.iter().any(|play| play["stalls"] != 0) {
            println!("the player ran dry, which moves what is heard: once more");
            continue;
        }
        for (play, (rendition, bound)) in said.iter().zip(BOUNDS) {
            assert_eq!((&play["rendition"], &play["told"]), (&json!(rendition), &json!([])), "{play}");
            let heard = Pcm::mono(&fs::read(folder.path().join(format!("{rendition}.f32"))).unwrap());
            let loud = |sample: &f32| sample.abs() > 0.1;
            let first = heard.iter().position(loud).unwrap();
            let length = heard.iter().rposition(loud).unwrap() - first;
            let join = Join::of(&heard, first + CUT);
            println!("{rendition}: {join:?}, {length} of {TOTAL} samples");
            assert!(join.step.abs() < 0.05 && join.around < bound, "{rendition}: {join:?}");
            // both ends ring a little
            assert!(length.abs_diff(TOTAL) < 100, "{rendition}: {length} samples");
        }
        return;
    }
    panic!("the player ran dry in {TRIES} plays");
}
