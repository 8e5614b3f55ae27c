//! The real `bootstrap` under a Lambda runtime API, its buckets in a real S3 endpoint.
#![allow(clippy::unwrap_used)]

use std::{net::SocketAddr, process::Stdio, sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use nada_endpoint::{Endpoint, Key, Permission};
use nada_publish::store::{Location, Store};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// The runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html): gives one event, then
/// nothing more, and hands on what the function posts.
async fn runtime_api(event: String) -> (SocketAddr, mpsc::Receiver<(String, Bytes)>) {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (posted, posts) = mpsc::channel(4);
    let event = Arc::new(Mutex::new(Some(event)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (event, posted) = (Arc::clone(&event), posted.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (event, posted) = (Arc::clone(&event), posted.clone());
                async move { Ok::<_, std::convert::Infallible>(answer(request, &event, &posted).await) }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    (address, posts)
}

async fn answer(
    request: Request<Incoming>,
    event: &Mutex<Option<String>>,
    posted: &mpsc::Sender<(String, Bytes)>,
) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    if path.ends_with("/invocation/next") {
        let Some(event) = event.lock().await.take() else { std::future::pending().await };
        return Response::builder()
            .header("Lambda-Runtime-Aws-Request-Id", "one")
            .header("Lambda-Runtime-Deadline-Ms", "4102444800000")
            .header(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:ap-south-1:000000000000:function:nada",
            )
            .body(Full::from(event))
            .unwrap();
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    posted.send((path, body)).await.unwrap();
    Response::builder().status(202).body(Full::default()).unwrap()
}

/// Two seconds of a 440 Hz tone, 16-bit mono WAV at 44.1 kHz.
fn tone() -> Vec<u8> {
    let sample = |i: i32| (f64::from(i) * 440.0 * std::f64::consts::TAU / 44_100.0).sin() * 8_000.0;
    let samples: Vec<u8> = (0..88_200).flat_map(|i| (sample(i).round() as i16).to_le_bytes()).collect();
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    wav.extend(44_100u32.to_le_bytes());
    wav.extend(88_200u32.to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(&samples);
    let length = (wav.len() - 8) as u32;
    wav.splice(4..8, length.to_le_bytes());
    wav
}

fn created(key: &str) -> String {
    serde_json::json!({ "Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": "masters" }, "object": { "key": key } },
    }] })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_publishes_its_releases_and_names_what_failed() {
    let folder = tempfile::tempdir().unwrap();
    let key =
        Key { id: "writer".into(), secret: "secret-of-the-writer".into(), permission: Permission::Full };
    let endpoint = Endpoint::start(folder.path(), ANY, std::slice::from_ref(&key), &["masters", "releases"])
        .await
        .unwrap();
    let location = Location {
        bucket: "releases".into(),
        endpoint_url: Some(endpoint.url()),
        region: Some("ap-south-1".into()),
        credentials: Some((key.id.clone(), key.secret.clone())),
    };
    let store = Store::connect(&location).await.unwrap();
    let release = "[release]\nid = \"tones\"\ntitle = \"Tones\"\nterritories = [\"IN\"]\n\n\
                   [[track]]\nid = \"TONE1\"\ntitle = \"A\"\nartists = [\"Nada\"]\naudio = \"a.wav\"\nlyrics = [\"a.en.lrc\"]\n";
    for (name, bytes) in [
        ("inbox/tones/a.wav", tone()),
        ("inbox/tones/a.en.lrc", b"[00:00.50]<00:00.50>La <00:01.00>la\n".to_vec()),
        ("inbox/tones/release.toml", release.as_bytes().to_vec()),
        ("inbox/broken/a.wav", vec![0; 100]),
        (
            "inbox/broken/release.toml",
            release
                .replace("\"tones\"", "\"broken\"")
                .replace("TONE1", "TONE2")
                .replace("lyrics = [\"a.en.lrc\"]\n", "")
                .into_bytes(),
        ),
    ] {
        store.client().put_object().bucket("masters").key(name).body(bytes.into()).send().await.unwrap();
    }
    let message = |id: &str, body: String| serde_json::json!({ "messageId": id, "body": body });
    let event = serde_json::json!({ "Records": [
        message("broken", created("inbox%2Fbroken%2Frelease.toml")),
        message("good", created("inbox%2Ftones%2Frelease.toml")),
        message("again", created("inbox/tones/release.toml")),
        message("test", r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#.into()),
        message("junk", "not json".into()),
    ] });
    let (api, mut posts) = runtime_api(event.to_string()).await;
    let mut bootstrap = tokio::process::Command::new(env!("CARGO_BIN_EXE_bootstrap"))
        .env("AWS_LAMBDA_RUNTIME_API", api.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "nada")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "nada")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "one")
        .env("AWS_ENDPOINT_URL_S3", endpoint.url())
        .env("AWS_REGION", "ap-south-1")
        .env("AWS_ACCESS_KEY_ID", &key.id)
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .env("NADA_RELEASES_BUCKET", "releases")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (path, body) = tokio::time::timeout(Duration::from_secs(120), posts.recv()).await.unwrap().unwrap();
    assert_eq!(path, "/2018-06-01/runtime/invocation/one/response", "{}", String::from_utf8_lossy(&body));
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        answer,
        serde_json::json!({ "batchItemFailures": [{ "itemIdentifier": "broken" }, { "itemIdentifier": "junk" }] })
    );
    let manifest = async |track: &str| {
        let key = format!("tracks/{track}/manifest.json");
        let found = store.client().get_object().bucket("releases").key(key).send().await.ok()?;
        let bytes = found.body.collect().await.unwrap().into_bytes();
        Some(serde_json::from_slice::<serde_json::Value>(&bytes).unwrap())
    };
    let published = manifest("TONE1").await.unwrap();
    assert_eq!(published["revision"], 1, "published once");
    assert_eq!(published["presentation"]["timeline"]["samples"], 88_200);
    assert_eq!(published["lyrics"]["layers"][0]["lang"], "en");
    assert!(manifest("TONE2").await.is_none());

    bootstrap.start_kill().unwrap();
    let log = bootstrap.wait_with_output().await.unwrap().stdout;
    let log = String::from_utf8(log).unwrap();
    let line =
        log.lines().find(|line| line.contains("message failed") && line.contains("broken")).unwrap_or(&log);
    assert!(line.contains("a.wav"), "the log names the song: {line}");
}
