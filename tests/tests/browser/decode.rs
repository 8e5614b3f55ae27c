//! Chromium's own decoder: every rendition is as long as its numbers say, and the source lies where they say.

use std::{path::Path, process::Command};

use data_encoding::BASE64;
use nada_tests::{browser, client::Client, demo::Demo};
use serde_json::json;

const TRACK: &str = "IDNDA2600002";
const SOURCE: &str = "../packager/cli/demo/releases/pantun/02.flac";

/// The song as WAV, by a decoder that is not ours.
fn wav(rate: u64) -> Vec<u8> {
    let master = Path::new(env!("CARGO_MANIFEST_DIR")).join(SOURCE);
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(master)
        .args(["-ar", &rate.to_string(), "-f", "wav", "-"])
        .output()
        .expect("ffmpeg starts; tests/run installs it");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_decodes_every_rendition_to_its_length_with_the_source_in_place() {
    let demo = Demo::start().await.unwrap();
    let base = format!("{}{}", demo.edge(), demo.path(TRACK).unwrap());
    let base = base.strip_suffix("multivariant.m3u8").unwrap();
    let client = Client::default();
    let get = async |url: String| client.send("GET", &url, &[]).await.unwrap();
    let track = get(format!("{base}track.json")).await.json().unwrap();
    let (rate, samples) =
        (track["timeline"]["rate"].as_u64().unwrap(), track["timeline"]["samples"].as_u64().unwrap());
    let source = BASE64.encode(&wav(rate));
    let multivariant = get(format!("{base}multivariant.m3u8")).await;
    let (_, multivariant) = m3u8_rs::parse_master_playlist(&multivariant.body).unwrap();
    assert_eq!(multivariant.variants.len(), 5);
    for variant in &multivariant.variants {
        let folder = format!("{base}{}", variant.uri.strip_suffix("media.m3u8").unwrap());
        let media = get(format!("{folder}media.m3u8")).await;
        let (_, media) = m3u8_rs::parse_media_playlist(&media.body).unwrap();
        let init = media.segments[0].map.as_ref().unwrap().uri.clone();
        let files: Vec<String> = std::iter::once(init)
            .chain(media.segments.iter().map(|segment| segment.uri.clone()))
            .map(|uri| format!("{folder}{uri}"))
            .collect();
        let page = format!("{}/player/", demo.edge());
        let heard =
            browser::run("decode", &json!({ "page": page, "files": files, "rate": rate, "source": source }))
                .await
                .unwrap();
        let name = &variant.uri;
        assert_eq!(heard["source"], json!(samples), "{name}");
        assert_eq!(heard["samples"], json!(samples + 2048), "{name}");
        let lag = heard["lag"].as_u64().unwrap();
        // HE-AAC decodes its low band half a sample before its place
        let early = name.contains("heaac");
        assert!(lag == 2048 || early && lag == 2047, "{name}: the source begins at sample {lag}");
    }
}
