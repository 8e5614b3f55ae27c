//! The demo's house: storage, publisher and edge, each as in production but on 127.0.0.1.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use bytes::Bytes;
use nada::endpoint::{Endpoint, EndpointError, Key, Permission};
use nada_edge::{Config, Country, Credentials, Origin};
use nada_edge_server::{CACHE_BYTES, CountrySource, Page, Pages, ServerConfig, TrustedProxies};
use nada_packager::{
    publish::PublishSettings,
    release_toml::Release,
    store::{Location, Store},
};
use nada_release::{Manifest, ObjectKey, TrackId};
use nada_token::{Algorithm, KeySet, sign};
use serde::Serialize;
use tokio::net::TcpListener;

use super::{page, songs};
use crate::{
    clock,
    commands::{
        publish,
        sign::{track_claims, url},
    },
    exit::{Code, failure},
    keys,
    progress::Bars,
};

const BUCKET: &str = "releases";
const REGION: &str = "ap-south-1";
/// How long the printed URLs work.
const TTL_SECONDS: i64 = 12 * 3600;

/// Where the origin is, for another edge to be started on it.
#[derive(Debug, Clone, Serialize)]
pub struct OriginInfo {
    endpoint: String,
    bucket: &'static str,
    region: &'static str,
    access_key_id: String,
    secret_access_key: String,
}

/// Everything that runs.
pub struct House {
    dir: PathBuf,
    endpoint: Endpoint,
    writer: Key,
    reader: Key,
    keys: KeySet,
}

impl House {
    /// Makes or opens the data below `dir`, and starts the S3 endpoint on it.
    pub async fn open(dir: &Path) -> anyhow::Result<Self> {
        let keys = keys_of(dir)?;
        let key = |id: &str, permission| {
            let secret = clock::random()?.iter().map(|byte| format!("{byte:02x}")).collect();
            anyhow::Ok(Key { id: id.to_owned(), secret, permission })
        };
        let writer = key("publisher", Permission::Full)?;
        let reader = key("edge", Permission::ReadOnly)?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let endpoint = Endpoint::start(&dir.join("s3"), any, &[writer.clone(), reader.clone()], &[BUCKET])
            .await
            .map_err(|error| {
                let code = match &error {
                    EndpointError::InUse(_) => Code::Conflict,
                    _ => Code::Output,
                };
                failure(code, error.to_string())
            })?;
        Ok(Self { dir: dir.to_owned(), endpoint, writer, reader, keys })
    }

    async fn store(&self) -> anyhow::Result<Store> {
        let location = Location {
            bucket: BUCKET.to_owned(),
            endpoint_url: Some(self.endpoint.url()),
            region: Some(REGION.to_owned()),
            credentials: Some((self.writer.id.clone(), self.writer.secret.clone())),
        };
        Ok(Store::connect(&location).await?)
    }

    /// Publishes every release in the folder, and names the tracks.
    pub async fn publish(&self) -> anyhow::Result<Vec<TrackId>> {
        let store = self.store().await?;
        let mut tracks = Vec::new();
        for path in songs::unpack(&self.dir.join("songs"))? {
            let release = Release::read(&path)?;
            tracks.extend(
                publish::run(&release, &store, &PublishSettings::default(), Bars::stderr()).await?.tracks,
            );
        }
        Ok(tracks.into_iter().map(|track| track.track).collect())
    }

    /// A signed path and the display metadata for each track, in the order of their names.
    pub async fn sign(&self, tracks: &[TrackId]) -> anyhow::Result<Vec<(TrackId, page::Song)>> {
        let (store, now) = (self.store().await?, clock::now().as_second());
        let key = self.keys.signing_key(now).context("the demo's key cannot sign")?;
        let mut songs = Vec::new();
        for track in tracks {
            let found = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
            let (manifest, _) = found.with_context(|| format!("track {track} is gone"))?;
            let token = sign(&track_claims(track, now, TTL_SECONDS)?, key)?;
            let song = page::Song {
                title: manifest.title,
                artists: manifest.artists,
                album: manifest.album,
                duration_seconds: manifest.presentation.timeline.duration_ms() as f64 / 1000.0,
                url: url("", &token, track),
            };
            songs.push((track.clone(), song));
        }
        Ok(songs)
    }

    /// The edge on `listener`, with the player page beside it.
    pub fn serve(
        &self,
        listener: TcpListener,
        songs: &[page::Song],
        stopped: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<impl Future<Output = std::io::Result<()>> + Send + 'static> {
        let credentials = Credentials {
            access_key: self.reader.id.clone(),
            secret_key: self.reader.secret.clone(),
            session_token: None,
        };
        let config = ServerConfig {
            edge: Config {
                keys: Some(self.keys.clone()),
                version: concat!("nada ", env!("CARGO_PKG_VERSION"), " demo").to_owned(),
                ..Config::default()
            },
            origins: vec![Origin::new(&self.endpoint.url(), BUCKET, REGION, true)?],
            credentials,
            country: CountrySource::Fixed(Country::from_code("IN")),
            trusted: TrustedProxies::default(),
            cache_bytes: CACHE_BYTES,
            pages: Some(pages(serde_json::to_string(songs)?)),
        };
        Ok(nada_edge_server::serve(listener, config, stopped))
    }

    /// The bytes stored under a key.
    pub async fn stored(&self, key: &ObjectKey) -> anyhow::Result<Vec<u8>> {
        let found = self.store().await?.get(key).await?;
        Ok(found.with_context(|| format!("{key} is not stored"))?.bytes.to_vec())
    }

    /// Where the origin is.
    pub fn origin(&self) -> OriginInfo {
        OriginInfo {
            endpoint: self.endpoint.url(),
            bucket: BUCKET,
            region: REGION,
            access_key_id: self.reader.id.clone(),
            secret_access_key: self.reader.secret.clone(),
        }
    }

    /// The file with the keys.
    pub fn keys_file(&self) -> PathBuf {
        self.dir.join("keys.json")
    }

    /// Stops the endpoint.
    pub async fn close(self) {
        self.endpoint.shutdown().await;
    }
}

/// Reads the demo's keys, or makes them.
fn keys_of(dir: &Path) -> anyhow::Result<KeySet> {
    let path = dir.join("keys.json");
    if path.exists() {
        return keys::read(&path);
    }
    let key = nada_token::Key::generate(Algorithm::Hs256, "demo", clock::random()?)?;
    let keys = KeySet::new(vec![key])?;
    std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&path, keys.to_json()))
        .map_err(|error| failure(Code::Output, format!("cannot write {}: {error}", path.display())))?;
    Ok(keys)
}

/// The player page, at `/player/`.
fn pages(songs: String) -> Pages {
    let songs = Bytes::from(songs);
    Pages(Arc::new(move |path| {
        let name = path.strip_prefix("/player/")?;
        let (media_type, body) = match name {
            "songs.json" => ("application/json", songs.clone()),
            name => page::file(name).map(|(media_type, body)| (media_type, Bytes::from_static(body)))?,
        };
        Some(Page { headers: page::headers(media_type), body })
    }))
}
