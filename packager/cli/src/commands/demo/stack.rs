//! What the demo runs: storage, publisher and edge, each as in production but on 127.0.0.1.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use nada_catalog::{Manifest, ObjectKey, TrackId};
use nada_edge::{
    Config, Country, Credentials, Origin,
    license::{DerivedKeys, Licenses},
};
use nada_edge_server::{
    CACHE_BYTES, Clock, CountrySource, Limits, Metrics, Page, Pages, ServerConfig, TrustedProxies,
};
use nada_endpoint::{Endpoint, EndpointError, Key, Permission};
use nada_publish::{
    publish::PublishSettings,
    release_toml::Release,
    store::{Location, Store},
};
use nada_token::{Algorithm, KeySet, sign};
use serde::Serialize;
use tokio::net::TcpListener;

use super::{page, releases};
use crate::{
    clock,
    commands::{
        decode, publish,
        sign::{track_claims, url},
    },
    exit::{Code, failure},
    keys,
    progress::Bars,
    secret,
};

const BUCKET: &str = "releases";
const REGION: &str = "ap-south-1";
/// The file with the seed of the content keys, in the demo's folder.
const SEED: &str = "seed";
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
pub struct DemoStack {
    dir: PathBuf,
    endpoint: Endpoint,
    writer: Key,
    reader: Key,
    keys: KeySet,
}

impl DemoStack {
    /// Makes or opens the data below `dir`, and starts the S3 endpoint on it.
    pub async fn open(dir: &Path) -> anyhow::Result<Self> {
        let keys = keys_of(dir)?;
        make_seed(dir)?;
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
                    EndpointError::Folder { .. }
                    | EndpointError::Bucket(_)
                    | EndpointError::Listen { .. } => Code::Output,
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
        let settings = PublishSettings {
            execution: decode::execution()?,
            keys: Some(Arc::new(self.content_keys()?)),
            pictures: decode::pictures()?,
            ..PublishSettings::default()
        };
        let mut tracks = Vec::new();
        for path in releases::unpack(&self.dir.join("releases"))? {
            let mut release = Release::read(&path)?;
            if settings.pictures.is_none() {
                release.tracks.iter_mut().for_each(|track| track.artwork = None);
            }
            tracks.extend(publish::run(&release, &store, &settings, Bars::stderr()).await?.tracks);
        }
        Ok(tracks.into_iter().map(|track| track.track).collect())
    }

    /// What the keys of protected tracks are derived from, of the packager and of the edge alike.
    fn content_keys(&self) -> anyhow::Result<DerivedKeys> {
        Ok(DerivedKeys::new(secret::read_seed(&self.dir.join(SEED))?))
    }

    /// What the store has of the tracks.
    pub async fn manifests(&self, tracks: &[TrackId]) -> anyhow::Result<Vec<Manifest>> {
        let store = self.store().await?;
        let mut manifests = Vec::new();
        for track in tracks {
            let found = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
            manifests.push(found.with_context(|| format!("track {track} is gone"))?.0);
        }
        Ok(manifests)
    }

    /// The songs with their signed paths, as the player page lists them.
    pub fn sign(&self, manifests: &[Manifest]) -> anyhow::Result<Vec<page::ListedTrack>> {
        signed(&self.keys, manifests)
    }

    /// The edge on `listener`, with the player page beside it.
    pub fn serve(
        &self,
        listener: TcpListener,
        manifests: Vec<Manifest>,
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
                // it listens on this machine alone
                plain_http: true,
                version: concat!("nada ", env!("CARGO_PKG_VERSION"), " demo").to_owned(),
                ..Config::default()
            },
            origins: vec![Origin::new(&self.endpoint.url(), BUCKET, REGION, true)?],
            credentials,
            country: CountrySource::Fixed(Country::from_code("IN")),
            trusted: TrustedProxies::default(),
            cache_bytes: CACHE_BYTES,
            limits: Limits { hosts: &HOSTS, ..Limits::default() },
            metrics: Metrics::default(),
            licenses: Licenses { keys: Some(self.content_keys()?), ..Licenses::default() },
            pages: Some(pages(self.keys.clone(), manifests)),
            clock: Clock::default(),
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

/// The names that the demo answers to: it is for this machine alone, and its page lists signed URLs.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];

/// Reads the demo's keys, or makes them.
fn keys_of(dir: &Path) -> anyhow::Result<KeySet> {
    let path = dir.join("keys.json");
    if path.exists() {
        return keys::read(&path);
    }
    let key = nada_token::Key::generate(Algorithm::Hs256, "demo", clock::random()?)?;
    let keys = KeySet::new(vec![key])?;
    std::fs::create_dir_all(dir)
        .and_then(|()| secret::write(&path, keys.to_json().as_bytes()))
        .map_err(|error| failure(Code::Output, format!("cannot write {}: {error}", path.display())))?;
    Ok(keys)
}

/// Makes the demo's seed, unless it has one.
fn make_seed(dir: &Path) -> anyhow::Result<()> {
    let path = dir.join(SEED);
    if path.exists() {
        return Ok(());
    }
    let seed: String = clock::random()?.iter().map(|byte| format!("{byte:02x}")).collect();
    secret::write(&path, seed.as_bytes())
        .map_err(|error| failure(Code::Output, format!("cannot write {}: {error}", path.display())))
}

fn signed(keys: &KeySet, manifests: &[Manifest]) -> anyhow::Result<Vec<page::ListedTrack>> {
    let now = clock::now().as_second();
    let key = keys.signing_key(now).context("the demo's key cannot sign")?;
    let listed = |manifest: &Manifest| {
        let token = sign(&track_claims(&manifest.track, now, TTL_SECONDS)?, key)?;
        anyhow::Ok(page::ListedTrack {
            track: manifest.track.clone(),
            title: manifest.title.clone(),
            artists: manifest.artists.clone(),
            album: manifest.album.clone(),
            duration_seconds: manifest.presentation.timeline.duration_ms() as f64 / 1000.0,
            url: url("", &token, &manifest.track),
            protected: manifest.presentation.renditions.iter().any(|one| one.session_keys.is_some()),
            expires_in: TTL_SECONDS,
        })
    };
    manifests.iter().map(listed).collect()
}

/// The player page, at `/player/`. Its list of songs is signed anew whenever it is read, so that a page left
/// open for a night goes on.
fn pages(keys: KeySet, manifests: Vec<Manifest>) -> Pages {
    Pages(Arc::new(move |path| {
        let name = path.strip_prefix("/player/")?;
        let (media_type, body) = if name == "tracks.json" {
            let tracks = serde_json::to_string(&signed(&keys, &manifests).ok()?).ok()?;
            ("application/json", tracks.into())
        } else {
            page::file(name)?
        };
        Some(Page { media_type, headers: page::headers(), body })
    }))
}
