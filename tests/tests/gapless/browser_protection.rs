//! Protected songs in Chromium, by the recipes of `edge/recipes` and ClearKey: every rendition sounds through its clear lead, and
//! whoever may not have a key is told so.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;
use nada_catalog::{Changes, ObjectKey, Revocations, Status, to_json};
use nada_pipeline::{Execution, OutputFile, Settings, StoredFile, package};
use nada_protection::{DerivedKeys, KeySource as _, ProtectionTerms, Seed};
use nada_tests::{
    browser, catalogue,
    host::{Host, LicenseSetup, Setup},
    origin::Origin,
};
use nada_token::{Algorithm, Claims, Key, KeySet, sign};
use serde_json::{Value, json};

use crate::{ffmpeg::SYSTEM, heard::Captured, master, signal::Pcm, site::Site};

const TRACK: &str = "song";
const RATE: u32 = 44_100;
/// Media seconds that are played: behind the lead of two segments, which is of nine seconds.
const UNTIL: f64 = 14.0;
const RENDITIONS: [&str; 5] = ["heaac2-24", "heaac2-32", "heaac-64", "aac-128", "aac-256"];

/// A protected song in a bucket, the native edge before it, and a page with players and recipes.
struct Stage {
    _host: Host,
    _origin: Origin,
    folder: tempfile::TempDir,
    site: Site,
    source: Vec<f32>,
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// Packages a lossless master under ClearKey and publishes it, as `nada publish` would.
fn publish(origin: &Origin, source: &Path, terms: &str) {
    let terms: ProtectionTerms = terms.parse().unwrap();
    let keys = DerivedKeys::new(Seed::parse(catalogue::SEED).unwrap());
    let settings = Settings { protection: Some(terms.protection(TRACK, &keys)), ..Settings::default() };
    let keys = keys.keys(&terms.request(TRACK)).unwrap();
    let execution = Execution { keys: Some(keys), ..Execution::default() };
    let (track, version) = (TRACK.parse::<nada_catalog::TrackId>().unwrap(), settings.version(&[7; 32]));
    let mut store = |OutputFile { rendition, file, bytes }: OutputFile| {
        let key = match file {
            StoredFile::Part(part) => ObjectKey::Part(track.clone(), version.clone(), rendition, part.number),
            StoredFile::Playlist(_) => ObjectKey::Playlist(track.clone(), version.clone(), rendition),
        };
        origin.put(&key.to_string(), &bytes)
    };
    let packaged = package(source, &settings, &execution, &mut store, &|_| ()).unwrap();
    let at = Timestamp::from_second(now()).unwrap();
    let mut manifest = catalogue::manifest(TRACK, r#"{"territories":[{"code":"*"}]}"#, Status::Live, at);
    manifest.presentation = packaged.into_presentation(track.clone(), version.clone());
    manifest.versions[0].version = version;
    origin.put(&ObjectKey::Manifest(track).to_string(), &to_json(&manifest).unwrap()).unwrap();
    origin.put("changes.json", &to_json(&Changes::default()).unwrap()).unwrap();
    origin.put("revocations.json", &to_json(&Revocations::default()).unwrap()).unwrap();
}

impl Stage {
    async fn new(terms: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let copy = |from: &str, to: &str| {
            let to = folder.path().join(to);
            fs::copy(tests.join(from), to).unwrap_or_else(|e| panic!("{from}: {e}; tests/run installs it"));
        };
        copy("node_modules/hls.js/dist/hls.min.js", "hls.min.js");
        copy("node_modules/shaka-player/dist/shaka-player.compiled.js", "shaka.js");
        fs::create_dir(folder.path().join("recipes")).unwrap();
        for recipe in ["address.mjs", "hls.mjs", "local.mjs", "protection.mjs", "shaka.mjs"] {
            copy(&format!("../edge/recipes/{recipe}"), &format!("recipes/{recipe}"));
        }
        // FLAC is made of lossless masters alone
        let wav = folder.path().join("master.wav");
        master::music(&wav, RATE, 30 * RATE as usize, "pcm_s16le");
        let source = SYSTEM.read(&wav).middle();
        let origin = Origin::start().await.unwrap();
        publish(&origin, &wav, terms);
        let keys = KeySet::new(vec![Key::generate(Algorithm::Hs256, "suite", [7; 32]).unwrap()]).unwrap();
        let licenses = LicenseSetup { seed: catalogue::SEED.to_owned(), servers: "{}".to_owned() };
        let setup = Setup { licenses: Some(licenses), ..Setup::new(&keys.to_json(), &origin) };
        let host = Host::native(&setup).await.unwrap();
        let backend = backend(host.base(), keys);
        let site = Site::with(folder.path().to_owned(), Arc::new(backend)).await;
        Self { _host: host, _origin: origin, folder, site, source }
    }

    async fn play(&self, plays: &[Value]) -> Vec<Value> {
        let input = json!({ "site": self.site.url(""), "rate": RATE, "plays": plays });
        let seen = browser::run("protection", &input).await.unwrap();
        seen.as_array().unwrap().clone()
    }

    fn captured(&self, report: &Value) -> Captured {
        let name = report["name"].as_str().unwrap();
        let heard = Pcm::mono(&fs::read(self.folder.path().join(format!("{name}.f32"))).unwrap());
        let until = ((report["ended"].as_f64().unwrap() - 0.5) * f64::from(RATE)) as usize;
        Captured::follow(&self.source, &heard, report["started"].as_u64().unwrap() as usize, until)
    }
}

/// Signs at `/sign?file=…`, with `&ceiling=…` below it and with `&seconds=…` for so long.
fn backend(edge: String, keys: KeySet) -> impl Fn(&str) -> Option<Value> + Send + Sync {
    move |asked| {
        let query = asked.strip_prefix("/sign?")?;
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let ceiling = value("ceiling").and_then(|bits| bits.parse().ok());
        let seconds = value("seconds").and_then(|seconds| seconds.parse().ok()).unwrap_or(600);
        let claims = Claims { ceiling, ..Claims::for_track(TRACK, now() + seconds) };
        let token = sign(&claims, &keys.keys()[0]).unwrap();
        Some(json!({ "url": format!("{edge}/~{token}/t/{TRACK}/{}", value("file")?), "expires_in": seconds }))
    }
}

fn play(name: &str, with: &str, file: &str, level: usize) -> Value {
    json!({ "name": name, "with": with, "ask": format!("sign?file={file}"), "level": level, "until": UNTIL,
        "seek": null, "change": null, "protected": true })
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_plays_every_protected_rendition_through_its_clear_lead() {
    let stage = Stage::new("cbcs,clearkey").await;
    let mut plays = Vec::new();
    for with in ["hls", "shaka"] {
        for (level, rendition) in RENDITIONS.iter().enumerate() {
            plays.push(play(&format!("{with}-{rendition}"), with, "multivariant.m3u8", level));
        }
        plays.push(play(&format!("{with}-flac"), with, "lossless.m3u8", 0));
    }
    for chunk in plays.chunks(3) {
        for report in stage.play(chunk).await {
            println!("{report}");
            assert_eq!(report["codes"], json!([]), "{report}");
            assert!(report["ended"].as_f64().unwrap() >= UNTIL, "{report}");
            let licenses = report["licenses"].as_array().unwrap();
            assert!(!licenses.is_empty() && licenses.iter().all(|l| l["status"] == 200), "{report}");
            let captured = stage.captured(&report);
            println!("    {captured:?}");
            // HE-AAC v2 has its own stereo, so its waveform is not the source's
            if ["aac-128", "aac-256", "flac"]
                .iter()
                .any(|name| report["name"].as_str().unwrap().ends_with(name))
            {
                assert!(captured.found > 150, "{report}: {captured:?}");
                assert_eq!(captured.breaks, [], "{report}: {captured:?}");
            }
        }
    }
}

/// From HE-AAC v2 to AAC-LC within the lead; what follows is asked for under another token, and opened by the licence of before.
#[tokio::test(flavor = "multi_thread")]
async fn browser_changes_protected_renditions_under_a_renewed_token() {
    let stage = Stage::new("cbcs,clearkey").await;
    let plays: Vec<Value> = ["hls", "shaka"]
        .into_iter()
        .map(|with| {
            let mut play = play(&format!("{with}-change"), with, "multivariant.m3u8&seconds=6", 0);
            play["change"] = json!({ "at": 4, "level": 3 });
            play
        })
        .collect();
    for report in stage.play(&plays).await {
        println!("{report}");
        assert_eq!(report["codes"], json!([]), "{report}");
        assert!(report["ended"].as_f64().unwrap() >= UNTIL, "{report}");
        let licenses = report["licenses"].as_array().unwrap();
        assert!(!licenses.is_empty() && licenses.iter().all(|l| l["status"] == 200), "{report}");
        let media: Vec<&str> = report["media"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let changed = media.iter().filter(|url| url.contains("/aac-128/"));
        let token = |url: &str| url.split('/').find(|part| part.starts_with('~')).unwrap().to_owned();
        let first = token(media[0]);
        assert!(media[0].contains("/heaac2-24/"), "{report}");
        assert!(changed.map(|url| token(url)).any(|token| token != first), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_is_told_where_there_is_no_key() {
    let stage = Stage::new("cbcs,clearkey,lead=0").await;
    let mut plays = Vec::new();
    for with in ["hls", "shaka"] {
        let mut seek = play(&format!("{with}-seek"), with, "multivariant.m3u8", 3);
        seek["seek"] = json!(12);
        plays.push(seek);
        // this player is told of no key system
        let mut plain = play(&format!("{with}-plain"), with, "multivariant.m3u8", 3);
        plain["protected"] = json!(false);
        plays.push(plain);
    }
    for report in stage.play(&plays).await {
        println!("{report}");
        if report["name"].as_str().unwrap().ends_with("seek") {
            assert_eq!(report["codes"], json!([]), "{report}");
            assert!(report["ended"].as_f64().unwrap() >= UNTIL, "{report}");
        } else {
            assert_eq!(report["ended"], json!(0), "nothing sounds: {report}");
            assert_ne!(report["codes"], json!([]), "and the listener is told: {report}");
        }
    }
}
