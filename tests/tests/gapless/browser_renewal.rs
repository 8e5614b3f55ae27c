//! Tokens that die mid-song: with the recipes of `edge/recipes`, a listener hears nothing of it.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use nada_tests::{browser, demo::Demo};
use nada_token::{Claims, KeySet, sign};
use serde_json::{Value, json};

use crate::{ffmpeg::SYSTEM, heard::Captured, signal::Pcm, site::Site};

const TRACK: &str = "NADA-DEMO-0003";
const SOURCE: &str = "../packager/cli/demo/releases/lets-go-fishin/01.ogg";
const RATE: u32 = 44_100;
/// aac-128, whose waveform is the source's.
const LEVEL: usize = 3;
/// For how long an edge lets an expired token pass, in seconds.
const LEEWAY: i64 = 60;
/// How often the page plays again when the machine was too busy to play without a break.
const TRIES: usize = 3;

/// A token that was signed, and when edges begin to refuse it, in seconds since 1970.
#[derive(Debug, Clone)]
struct Signed {
    name: String,
    token: String,
    dies: f64,
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// The backend of an app: signs at `/sign?name=…&life=…&stated=…`, with the seconds that the token lives and
/// the seconds that the player is told; `&host=…` is optional.
fn backend(
    demo: &Demo,
    signed: Arc<Mutex<Vec<Signed>>>,
) -> impl Fn(&str) -> Option<Value> + Send + Sync + use<> {
    let keys = KeySet::from_json(demo.bindings()["NADA_KEYS"].as_str().unwrap()).unwrap();
    let edge = demo.edge().to_owned();
    move |asked| {
        let query = asked.strip_prefix("/sign?")?;
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.clone().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let (name, life): (String, i64) = (value("name")?, value("life")?.parse().ok()?);
        let exp = now() as i64 + life - LEEWAY;
        let claims = Claims { sub: Some(name.clone()), ..Claims::for_track(TRACK, exp) };
        let token = sign(&claims, &keys.keys()[0]).unwrap();
        let edge = edge.replace("127.0.0.1", &value("host").unwrap_or_else(|| "127.0.0.1".to_owned()));
        let url = format!("{edge}/~{token}/t/{TRACK}/multivariant.m3u8");
        signed.lock().unwrap().push(Signed { name, token, dies: (exp + LEEWAY) as f64 });
        Some(json!({ "url": url, "expires_in": value("stated")?.parse::<i64>().ok()? }))
    }
}

/// What is known of one play.
#[derive(Debug)]
struct Played {
    report: Value,
    captured: Captured,
    /// The tokens it was given, and each of its requests: the token's place among them, status, time.
    tokens: Vec<Signed>,
    requests: Vec<(usize, u64, f64)>,
}

/// The page with its players, a backend, the edge behind both, and what is to be heard.
struct Stage {
    _demo: Demo,
    folder: tempfile::TempDir,
    site: Site,
    signed: Arc<Mutex<Vec<Signed>>>,
    source: Vec<f32>,
}

impl Stage {
    async fn new() -> Self {
        let demo = Demo::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let copy = |from: &str, to: &str| {
            let to = folder.path().join(to);
            fs::copy(tests.join(from), to).unwrap_or_else(|e| panic!("{from}: {e}; tests/run installs it"));
        };
        copy("node_modules/hls.js/dist/hls.min.js", "hls.min.js");
        copy("node_modules/shaka-player/dist/shaka-player.compiled.js", "shaka.js");
        fs::create_dir(folder.path().join("recipes")).unwrap();
        for recipe in ["address.mjs", "hls.mjs", "local.mjs", "shaka.mjs"] {
            copy(&format!("../edge/recipes/{recipe}"), &format!("recipes/{recipe}"));
        }
        let signed = Arc::new(Mutex::new(Vec::new()));
        let backend = backend(&demo, Arc::clone(&signed));
        let site = Site::with(folder.path().to_owned(), Arc::new(backend)).await;
        let source = SYSTEM.decode(tests.join(SOURCE)).middle();
        Self { _demo: demo, folder, site, signed, source }
    }

    /// Plays side by side, and says what came of each: again where the machine was too busy and one of `smooth` ran dry.
    async fn play(&self, plays: &[Value], smooth: &[&str]) -> Vec<Played> {
        for _ in 0..TRIES {
            self.signed.lock().unwrap().clear();
            let input = json!({ "site": self.site.url(""), "rate": RATE, "plays": plays });
            let seen = browser::run("renewal", &input).await.unwrap();
            let reports = seen["plays"].as_array().unwrap();
            let dry =
                |report: &Value| report["stalls"] != 0 && smooth.iter().any(|name| report["name"] == **name);
            if !reports.iter().any(dry) {
                return reports.iter().map(|report| self.played(report, &seen["requests"])).collect();
            }
            println!("a player ran dry: once more; {reports:?}");
        }
        panic!("a player ran dry in {TRIES} tries");
    }

    fn played(&self, report: &Value, requests: &Value) -> Played {
        let name = report["name"].as_str().unwrap();
        let mut tokens = self.signed.lock().unwrap().clone();
        tokens.retain(|signed| signed.name == name);
        let own = requests.as_array().unwrap().iter().filter_map(|request| {
            let url = request["url"].as_str().unwrap();
            let (path, query) = url.split_once('?').unwrap_or((url, ""));
            let token = tokens.iter().position(|signed| path.contains(&signed.token))?;
            assert!(!query.contains("~") && !query.contains("%7E"), "a token in the query: {url}");
            Some((token, request["status"].as_u64().unwrap(), request["at"].as_f64().unwrap()))
        });
        let requests = own.collect();
        let heard = Pcm::mono(&fs::read(self.folder.path().join(format!("{name}.f32"))).unwrap());
        let started = report["started"].as_u64().unwrap() as usize;
        let until = ((report["ended"].as_f64().unwrap() - 0.5) * f64::from(RATE)) as usize;
        let captured = Captured::follow(&self.source, &heard, started, until);
        println!("{report}\n    {captured:?}, {} tokens, {requests:?}", tokens.len());
        Played { report: report.clone(), captured, tokens, requests }
    }
}

impl Played {
    fn assert_quiet(&self) {
        assert_eq!((&self.report["errors"], &self.report["codes"]), (&json!([]), &json!([])), "{self:?}");
    }

    /// The statuses of the first token's requests once it was dead, and how many of a later token were answered.
    fn after_death(&self) -> (Vec<u64>, usize) {
        let late = || self.requests.iter().filter(|(_, _, at)| *at > self.tokens[0].dies);
        let old = late().filter(|(token, ..)| *token == 0).map(|(_, status, _)| *status).collect();
        (old, late().filter(|(token, status, _)| *token > 0 && *status == 200).count())
    }
}

fn ask(name: &str, life: u32, stated: u32) -> String {
    format!("sign?name={name}&life={life}&stated={stated}")
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_goes_on_when_its_token_expires() {
    let stage = Stage::new().await;
    // told a second less, since a token's end is a whole second; told an hour, since clocks and phones sleep
    let play = |name: &str, with: &str, stated| json!({ "name": name, "with": with, "ask": ask(name, 10, stated), "level": LEVEL, "until": 30 });
    let plays = [
        play("hls-renews", "hls", 9),
        play("hls-late", "hls", 3600),
        play("shaka-renews", "shaka", 9),
        play("shaka-late", "shaka", 3600),
        play("bare", "bare", 9),
    ];
    let smooth = ["hls-renews", "hls-late", "shaka-renews", "shaka-late"];
    let played = stage.play(&plays, &smooth).await;
    for (play, name) in played.iter().zip(smooth) {
        assert_eq!(play.report["name"], name);
        play.assert_quiet();
        assert!(play.report["ended"].as_f64().unwrap() >= 30.0, "{play:?}");
        assert!(play.captured.found > 500, "{play:?}");
        assert_eq!(play.captured.breaks, [], "{name}: what sounds has no hole and no jump");
        let (old, new) = play.after_death();
        assert!(new >= 2, "{name} goes on under another token: {play:?}");
        let refused = if name.ends_with("late") { &[403][..] } else { &[] };
        assert_eq!(old, refused, "{name}");
    }
    // the same without the recipe: it stops, so what is heard above is the recipe's doing
    let bare = &played[4];
    assert!(bare.report["ended"].as_f64().unwrap() < 25.0, "{bare:?}");
    let errors = bare.report["errors"].to_string();
    assert!(errors.contains("fragLoadError 403"), "{errors}");
    assert_eq!((bare.tokens.len(), bare.after_death().1), (1, 0), "{bare:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_goes_on_after_a_long_pause_and_without_a_connection() {
    let stage = Stage::new().await;
    let paused = |name: &str, with: &str| {
        let pause = json!({ "at": 4, "for": 14 });
        json!({ "name": name, "with": with, "ask": ask(name, 10, 9), "level": LEVEL, "until": 18, "pause": pause })
    };
    let offline = |name: &str, with: &str| {
        let (ask, offline) = (format!("{}&host=localhost", ask(name, 15, 14)), json!({ "at": 5, "for": 20 }));
        json!({ "name": name, "with": with, "ask": ask, "level": LEVEL, "until": 24, "offline": offline })
    };
    let plays = [
        paused("hls-paused", "hls"),
        paused("shaka-paused", "shaka"),
        offline("hls-offline", "hls"),
        offline("shaka-offline", "shaka"),
    ];
    let played = stage.play(&plays, &[]).await;
    for play in &played {
        assert!(play.captured.found > 300, "{play:?}");
        assert_eq!(play.report["codes"], json!([]), "{play:?}");
        // one silence, and no sample is skipped or repeated
        let [silence] = play.captured.breaks[..] else { panic!("{play:?}") };
        assert!((silence.later - silence.silence as i64).abs() <= 128, "{play:?}");
        let (old, new) = play.after_death();
        assert!(new >= 1 && old.iter().all(|status| *status == 0), "{play:?}");
    }
}
