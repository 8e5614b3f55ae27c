//! The PromQL of the row for own machines: Prometheus's own grammar reads it, and each metric and label is shown by the
//! real program after some requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Stdio,
};

use jiff::Timestamp;
use nada_tests::{
    catalogue::{self, TRACK},
    client::Client,
    demo::nada,
    origin::{ACCESS_KEY, BUCKET, Origin, OriginFault, REGION, SECRET_KEY},
};
use nada_token::{Algorithm, Claims, Key, KeySet, sign};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};

use crate::{dashboard, targets};

/// What a scrape shows: the labels of each sample by its name.
type Shown = BTreeMap<String, BTreeSet<String>>;

/// `nada serve --metrics` before `origin`: the program, its edge and its metrics.
async fn serve(origin: &Origin, keys: &Path) -> (Child, String, String) {
    let mut program = Command::new(nada().unwrap())
        .args(["serve", "--origin", &format!("s3://{BUCKET}"), "--endpoint-url", &origin.endpoint()])
        .args(["--region", REGION, "--country", "IN", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"])
        .arg("--keys")
        .arg(keys)
        .envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let mut addresses = Vec::new();
    while addresses.len() < 2 {
        let line = lines.next_line().await.unwrap().expect("the server says where it is");
        addresses.extend(line.split(' ').find(|word| word.starts_with("http://")).map(str::to_owned));
    }
    // what else it says must find a reader
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let [metrics, edge] = <[String; 2]>::try_from(addresses).unwrap();
    (program, edge, metrics)
}

fn shown(text: &str) -> Shown {
    let mut shown = Shown::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (sample, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = sample.split_once('{').unwrap_or((sample, ""));
        // no value here has a comma or an equals sign
        let labels = labels.trim_end_matches('}').split(',').filter_map(|label| label.split_once('='));
        shown.entry(name.to_owned()).or_default().extend(labels.map(|(name, _)| name.to_owned()));
    }
    shown
}

/// Asks for what makes each metric count, and scrapes.
async fn scrape() -> Shown {
    let origin = Origin::start().await.unwrap();
    let now = Timestamp::now();
    catalogue::publish(&origin, now).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key = Key::generate(Algorithm::Hs256, "dashboard", [7; 32]).unwrap();
    let keys = folder.path().join("keys.json");
    fs::write(&keys, KeySet::new(vec![key.clone()]).unwrap().to_json()).unwrap();
    let (_program, edge, metrics) = serve(&origin, &keys).await;
    let token = sign(&Claims::for_track(TRACK, now.as_second() + 600), &key).unwrap();
    let client = Client::default();
    let ask =
        async |path: String| client.send("GET", &format!("{edge}{path}"), &[]).await.unwrap().status.as_u16();
    let segment = format!("/~{token}/t/{TRACK}/{}/aac-128/00001.m4s", catalogue::version());
    for query in ["CMCD=su", "CMCD=bs%2Csu", ""] {
        assert_eq!(ask(format!("{segment}?{query}")).await, 200);
    }
    assert_eq!(ask(format!("/t/{TRACK}/track.json")).await, 401);
    origin.set_fault(OriginFault::Unavailable);
    assert_eq!(ask(segment.replace("aac-128", "heaac-64")).await, 503);
    let answer = client.send("GET", &metrics, &[]).await.unwrap();
    assert_eq!(answer.status, 200);
    // one origin: what is down is asked once more
    let retried = "nada_origin_asks_total{origin=\"1\",asked=\"retry\"} 1";
    assert!(answer.text().lines().any(|line| line == retried), "{}", answer.text());
    shown(&answer.text())
}

/// What the grammar reads in each query.
async fn read(queries: &[String]) -> Vec<Value> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new(tests.join("node_modules/.bin/node"))
        .arg(tests.join("dashboard/promql.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("tests/run installs node");
    let mut stdin = node.stdin.take().unwrap();
    stdin.write_all(serde_json::to_string(queries).unwrap().as_bytes()).await.unwrap();
    drop(stdin);
    let output = node.wait_with_output().await.unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_and_label_is_one_that_the_server_shows() {
    let dashboard = dashboard();
    let targets = targets(&dashboard, "prometheus");
    assert!(targets.len() >= 8);
    // Grafana puts durations there
    let concrete = |query: &str| query.replace("$__rate_interval", "5m").replace("$__range", "6h");
    let queries: Vec<String> =
        targets.iter().map(|(_, target)| concrete(target["expr"].as_str().unwrap())).collect();
    let shown = scrape().await;
    let mut asked = BTreeSet::new();
    for ((query, read), (title, target)) in queries.iter().zip(read(&queries).await).zip(targets) {
        assert_eq!(texts(&read["errors"]), [""; 0], "{title}: {query}");
        let metrics = texts(&read["metrics"]);
        assert!(!metrics.is_empty(), "{title}: {query}");
        // what the legend names must have come through, too
        let legend = target["legendFormat"].as_str().unwrap_or_default().split("{{").skip(1);
        let legend = legend.filter_map(|rest| rest.split("}}").next());
        let labels: BTreeSet<&str> = texts(&read["labels"]).into_iter().chain(legend).collect();
        for metric in &metrics {
            let has =
                shown.get(*metric).unwrap_or_else(|| panic!("{title}: no {metric} in {:?}", shown.keys()));
            for label in &labels {
                assert!(has.contains(*label), "{title}: {metric} has no {label}, but {has:?}");
            }
        }
        asked.extend(metrics.into_iter().map(str::to_owned));
    }
    // and nothing that is counted goes unseen
    let counted = shown.keys().filter(|name| name.ends_with("_total") || name.ends_with("_bucket"));
    let unseen: Vec<&String> = counted.filter(|name| !asked.contains(*name)).collect();
    assert!(unseen.is_empty(), "no panel shows {unseen:?}");
}

#[tokio::test]
async fn a_query_that_is_none_is_noticed() {
    let queries =
        ["sum by (code) (rate(nada_requests_total[5m])", "sum(rate(x{a=\"b\"}[5m]))"].map(str::to_owned);
    let read = read(&queries).await;
    assert!(!texts(&read[0]["errors"]).is_empty());
    assert_eq!((texts(&read[1]["metrics"]), texts(&read[1]["labels"])), (vec!["x"], vec!["a"]));
}
