//! `nada sign TRACK`.

use std::time::Duration;

use clap::Args;
use nada_catalog::{RenditionName, TerritoryCode, TrackId};
use nada_publish::release_toml::territory;
use nada_token::{Claims, Key, sign};

use crate::{
    clock,
    exit::{Code, failure},
    keys::KeyFile,
    terminal::print_line,
};

/// Mint a signed URL for one track.
#[derive(Args)]
#[command(
    after_help = "Example:\n  nada sign INNDA2600001 --ttl 1h --country IN --country ID --base https://audio.example.in"
)]
pub struct Sign {
    /// The track
    track: TrackId,
    /// How long the URL works (45m, 1h, 2days)
    #[arg(long, default_value = "1h", value_parser = humantime::parse_duration, value_name = "TIME")]
    ttl: Duration,
    /// Only for listeners in this country (ISO 3166-1 alpha-2); may be given again
    #[arg(long = "country", value_name = "CC", value_parser = territory)]
    countries: Vec<TerritoryCode>,
    /// The highest rendition the listener may have (heaac-64, aac-128, flac)
    #[arg(long, value_name = "RENDITION")]
    max_rendition: Option<RenditionName>,
    /// Subject of the token, such as a listener's id, by which it can be revoked
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// Issuer of the token, where the edge asks for one
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
    /// Audience of the token, where the edge asks for one
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// The edge's address
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    base: String,
    #[command(flatten)]
    keys: KeyFile,
}

impl Sign {
    /// Prints the URL.
    pub fn run(self) -> anyhow::Result<()> {
        let keys = self.keys.read()?;
        let now = clock::now().as_second();
        let key =
            keys.signing_key(now).ok_or_else(|| failure(Code::Input, "keys: none of them can sign now"))?;
        let token = self.token(key, now)?;
        print_line!("{}", url(&self.base, &token, &self.track));
        Ok(())
    }

    fn token(&self, key: &Key, now: i64) -> anyhow::Result<String> {
        let ttl = i64::try_from(self.ttl.as_secs())?;
        let mut claims = track_claims(&self.track, now, ttl)?;
        claims.sub = self.subject.clone();
        claims.iss = self.issuer.clone();
        claims.aud = self.audience.iter().cloned().collect();
        claims.ceiling = self.max_rendition.map(RenditionName::nominal_bits_per_second);
        claims.countries = self
            .countries
            .iter()
            .filter(|code| **code != TerritoryCode::World)
            .map(ToString::to_string)
            .collect();
        sign(&claims, key)
            .map_err(|error| failure(Code::Input, format!("the token cannot be signed: {error}")))
    }
}

/// Claims for everything below one track, issued now, with an id of its own so that it can be revoked.
pub fn track_claims(track: &TrackId, now: i64, ttl_seconds: i64) -> anyhow::Result<Claims> {
    let mut claims = Claims::for_track(track.as_str(), now + ttl_seconds);
    claims.iat = Some(now);
    claims.cti = Some(clock::random()?.iter().take(16).copied().collect());
    Ok(claims)
}

/// The signed URL of a track's multivariant playlist.
pub fn url(base: &str, token: &str, track: &TrackId) -> String {
    format!("{}/~{token}/t/{track}/multivariant.m3u8", base.trim_end_matches('/'))
}
