//! What `--once` does: fetches everything a player can reach from one signed URL, and compares it.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use nada_catalog::{
    ObjectKey, Presentation, RenditionFile, RenditionName, TrackId, Version, from_json, track::TrackInfo,
};
use nada_check::{References, references};
use url::Url;

/// What was fetched of one song.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// Files fetched through the signed URL: objects, ranges of track files, and what the edge renders.
    pub objects: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Media segments among them.
    pub segments: usize,
}

/// One walk through a presentation.
struct Walk<'a, F> {
    /// Plain HTTP: the edge of the demo is on this machine.
    client: Client<HttpConnector, Empty<Bytes>>,
    base: Url,
    stored: &'a F,
    seen: BTreeSet<Url>,
    verified: Verified,
}

/// Fetches every object of the song at `url` (its signed multivariant playlist) and compares each with what
/// `stored` holds of it; checks lengths against `track.json`, and that nothing is to be had without
/// the token.
pub async fn verify<F>(url: &str, stored: &F) -> anyhow::Result<Verified>
where
    F: AsyncFn(&ObjectKey) -> anyhow::Result<Vec<u8>>,
{
    let base = Url::parse(url)?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut walk =
        Walk { client, base: base.clone(), stored, seen: BTreeSet::new(), verified: Verified::default() };
    walk.refused_without_token().await?;
    let info: TrackInfo =
        serde_json::from_slice(&walk.fetch(base.join("track.json")?).await?).context("track.json")?;
    for playlist in &info.playlists {
        walk.multivariant(base.join(playlist)?, &info).await?;
    }
    if let Some(lyrics) = &info.lyrics {
        walk.fetch(base.join("lyrics.json")?).await?;
        walk.fetch(base.join(&format!("lyrics/{}/lyrics.json", lyrics.digest))?).await?;
        for layer in &lyrics.layers {
            for form in ["json", "lrc"] {
                walk.fetch(base.join(&format!("lyrics/{}/{}.{form}", lyrics.digest, layer.lang))?).await?;
            }
        }
    }
    if let Some(artwork) = &info.artwork {
        for (size, format) in
            artwork.sizes.iter().flat_map(|size| artwork.formats.iter().map(move |f| (*size, *f)))
        {
            let key = ObjectKey::Artwork(info.id.clone(), artwork.digest.clone(), size, format);
            let bytes = walk.fetch(base.join(&format!("artwork/{size}.{format}"))?).await?;
            ensure!(bytes == stored(&key).await?, "{key}: not the bytes that are stored");
        }
    }
    Ok(walk.verified)
}

impl<F> Walk<'_, F>
where
    F: AsyncFn(&ObjectKey) -> anyhow::Result<Vec<u8>>,
{
    async fn refused_without_token(&self) -> anyhow::Result<()> {
        let mut open = self.base.clone();
        open.set_path(&unsigned(&self.base));
        let answer = self.get(&open).await?;
        ensure!(
            answer.status() == StatusCode::UNAUTHORIZED,
            "without a token the edge answered {}",
            answer.status()
        );
        Ok(())
    }

    async fn get(&self, url: &Url) -> anyhow::Result<Response<Incoming>> {
        Ok(self.client.request(Request::get(url.as_str()).body(Empty::new())?).await?)
    }

    /// Fetches one URL; what is stored under a key must be what is served.
    async fn fetch(&mut self, url: Url) -> anyhow::Result<Vec<u8>> {
        let path = unsigned(&url);
        let answer = self.get(&url).await.with_context(|| path.clone())?;
        ensure!(answer.status() == StatusCode::OK, "{path}: the edge answered {}", answer.status());
        let body = answer.into_body().collect().await.with_context(|| path.clone())?;
        let bytes = Vec::from(body.to_bytes());
        ensure!(!bytes.is_empty(), "{path}: empty");
        if let Some(stored) = self.stored_at(&path).await? {
            ensure!(stored == bytes, "{path}: not the bytes that are stored");
        }
        if self.seen.insert(url) {
            self.verified.objects += 1;
            self.verified.bytes += bytes.len() as u64;
        }
        Ok(bytes)
    }

    /// What is stored of a path: an object of its own, or a range of a track file. `None` for what the edge makes itself.
    async fn stored_at(&mut self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(rest) = path.strip_prefix("/t/") else { return Ok(None) };
        if let Ok(key) = format!("tracks/{rest}").parse::<ObjectKey>() {
            return Ok(Some((self.stored)(&key).await?));
        }
        let [track, version, rendition, file] = *rest.split('/').collect::<Vec<_>>() else { return Ok(None) };
        let Ok(file) = file.parse::<RenditionFile>() else { return Ok(None) };
        let (track, version, name): (TrackId, Version, RenditionName) =
            (track.parse()?, version.parse()?, rendition.parse()?);
        let key = ObjectKey::Presentation(track.clone(), version.clone());
        let presentation: Presentation = from_json(&(self.stored)(&key).await?)?;
        let layout = presentation.rendition(name).map(|rendition| &rendition.file);
        let runs = layout.and_then(|layout| layout.parts_of(&layout.range(file)?));
        let mut bytes = Vec::new();
        for run in runs.with_context(|| format!("{path}: the presentation has no such file"))? {
            let key = ObjectKey::Part(track.clone(), version.clone(), name, run.part);
            let part = (self.stored)(&key).await?;
            let range = run.range.start as usize..run.range.end as usize;
            bytes.extend(part.get(range).with_context(|| format!("{key}: too short"))?);
        }
        Ok(Some(bytes))
    }

    async fn multivariant(&mut self, url: Url, info: &TrackInfo) -> anyhow::Result<()> {
        let bytes = self.fetch(url.clone()).await?;
        let path = unsigned(&url);
        let Some(References::Multivariant { variants, renditions }) = references(&path, &bytes) else {
            bail!("{path}: not a multivariant playlist");
        };
        ensure!(!variants.is_empty(), "{path}: no renditions");
        for uri in variants.iter().chain(&renditions) {
            self.media(url.join(uri)?, info).await?;
        }
        Ok(())
    }

    async fn media(&mut self, url: Url, info: &TrackInfo) -> anyhow::Result<()> {
        let (bytes, path) = (self.fetch(url.clone()).await?, unsigned(&url));
        let Some(References::Media { maps, segments, duration: sum }) = references(&path, &bytes) else {
            bail!("{path}: not a media playlist")
        };
        for map in &maps {
            self.fetch(url.join(map)?).await?;
        }
        for segment in &segments {
            self.fetch(url.join(segment)?).await?;
            self.verified.segments += 1;
        }
        let length = info.duration_ms as f64 / 1000.0;
        ensure!(
            (sum - length).abs() < 0.05,
            "{path}: {sum:.3} s of segments, but the track lasts {length:.3} s"
        );
        Ok(())
    }
}

/// The path with the token removed: what may be shown.
fn unsigned(url: &Url) -> String {
    match url.path().strip_prefix("/~").and_then(|rest| rest.split_once('/')) {
        Some((_, path)) => format!("/{path}"),
        None => url.path().to_owned(),
    }
}
