//! What the server tells of its requests: one event each with real fields, and metrics.

// clippy.toml spares functions marked as tests alone
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    io,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::StatusCode;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use nada_edge::{Config, Country, Origin, sigv4::Credentials};
use nada_edge_server::{
    Clock, CountrySource, Limits, Metrics, ServerConfig, TrustedProxies, serve, serve_metrics,
};
use tokio::net::TcpListener;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn get(url: &str) -> (StatusCode, String) {
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.get(url.parse().unwrap()).await.unwrap();
    let status = answer.status();
    (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

// on one thread, so that the subscriber sees every task
#[tokio::test]
async fn one_event_and_one_count_for_each_request() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let metrics = Metrics::default();
    let config = ServerConfig {
        edge: Config { plain_http: true, ..Config::default() },
        origins: vec![Origin::new("http://127.0.0.1:1", "nobody", "r", true).unwrap()],
        credentials: Credentials { access_key: "a".into(), secret_key: "s".into(), session_token: None },
        country: CountrySource::Fixed(Country::from_code("IN")),
        trusted: TrustedProxies::default(),
        cache_bytes: 1 << 20,
        limits: Limits::default(),
        metrics: metrics.clone(),
        licenses: nada_edge_server::Licenses::default(),
        pages: None,
        clock: Clock::default(),
    };
    let (listener, shown) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (edge, prometheus) = (listener.local_addr().unwrap(), shown.local_addr().unwrap());
    let tasks = [
        tokio::spawn(async move { drop(serve(listener, config, std::future::pending()).await) }),
        tokio::spawn(async move { drop(serve_metrics(shown, metrics).await) }),
    ];

    let path = "/~secret/t/INNDA2600001/track.json?CMCD=bl%3D2100%2Cbs%2Cmtp%3D900%2Csu&CAT=secret";
    assert_eq!(get(&format!("http://{edge}{path}")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get(&format!("http://{edge}/t/INNDA2600001/track.json")).await.0, StatusCode::UNAUTHORIZED);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let access: Vec<_> = events.iter().filter(|event| event["target"] == "nada::access").collect();
    assert_eq!(access.len(), 2, "{text}");
    for (name, value) in [
        ("track", serde_json::json!("INNDA2600001")),
        ("status", 503.into()),
        ("code", "origin_unavailable".into()),
        ("country", "IN".into()),
        ("buffer_ms", 2100.into()),
        ("throughput_kbps", 900.into()),
    ] {
        assert_eq!(access[0][name], value, "{text}");
    }
    assert!(access[0]["ms"].is_u64() && access[1].get("buffer_ms").is_none(), "{text}");

    let (status, text) = get(&format!("http://{prometheus}/metrics")).await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        "nada_requests_total{route=\"track\",status=\"503\",code=\"origin_unavailable\",country=\"IN\"} 1",
        "nada_requests_total{route=\"track\",status=\"401\",code=\"token_missing\",country=\"IN\"} 1",
        "nada_request_seconds_count 2",
        // a player that starts, and had run dry
        "nada_startup_seconds_count{country=\"IN\"} 1",
        "nada_starved_requests_total{country=\"IN\"} 1",
        // what has not happened yet is there too
        "nada_origin_asks_total{origin=\"1\",asked=\"hedge\"} 0",
        "nada_origin_answers_total{origin=\"1\",outcome=\"failed\"} 0",
        "nada_objects_total{cache=\"hit\"} 0",
        "nada_warmings_total{outcome=\"refused\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert_eq!(get(&format!("http://{prometheus}/")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&format!("http://{edge}/metrics")).await.0, StatusCode::NOT_FOUND, "not for clients");
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}
