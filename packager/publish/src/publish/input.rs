//! What a release is made from: each track's master, hashed, and its lyrics, read.

use nada_catalog::Version;
use nada_lyrics::Lyrics;
use nada_pipeline::Settings;
use nada_protection::{Protection, ProtectionTerms};

use super::{
    artwork::{self, ArtworkInput},
    error::PublishError,
    lyrics,
    masters::{MasterInfo, MasterSource},
    report::{Event, Reporter},
    settings::PublishSettings,
};
use crate::release_toml::{Release, Track};

/// What one track is made from.
pub(super) struct Input<'a> {
    pub track: &'a Track,
    pub master: MasterInfo,
    pub lyrics: Option<Lyrics>,
    /// What its artwork is made of, where this program makes any.
    pub artwork: Option<ArtworkInput>,
    /// How the master is packaged.
    pub settings: Settings,
    /// The version that master and settings address.
    pub version: Version,
}

/// Reads all lyrics and hashes all masters, so that what is wrong with them is known first.
///
/// # Errors
/// If a file cannot be read, lyrics have warnings and `strict` is set, or a track is to be protected and there are no keys.
pub(super) async fn read_input<'a>(
    masters: &dyn MasterSource,
    release: &'a Release,
    settings: &PublishSettings,
    reporter: &dyn Reporter,
) -> Result<Vec<Input<'a>>, PublishError> {
    let read = release.tracks.iter().map(lyrics::read).collect::<Result<Vec<_>, _>>()?;
    report_warnings(read.iter().flat_map(|(_, warnings)| warnings), settings.strict, reporter)?;
    let mut inputs = Vec::with_capacity(release.tracks.len());
    for (track, (lyrics, _)) in release.tracks.iter().zip(read) {
        let artwork = artwork::read(masters, track, settings).await?;
        let master = masters.stat(&track.audio).await?;
        let recipe = settings.recipe.or(&track.recipe);
        let protection = recipe.terms().map(|terms| protection(terms, track, settings)).transpose()?;
        let settings = Settings { protection, ..recipe.settings() };
        let version = settings.version(&master.sha256);
        inputs.push(Input { track, master, lyrics, artwork, settings, version });
    }
    Ok(inputs)
}

/// The protection of a track, by the names of its keys.
fn protection(
    terms: ProtectionTerms,
    track: &Track,
    settings: &PublishSettings,
) -> Result<Protection, PublishError> {
    let source = settings.keys.as_deref().ok_or_else(|| PublishError::NoKeySource(track.id.clone()))?;
    Ok(terms.protection(track.id.as_str(), source))
}

/// Reports warnings about lyrics; all of them, before they are refused.
///
/// # Errors
/// [`PublishError::Warned`] where there is any and `strict` is set.
pub(super) fn report_warnings<'w>(
    warnings: impl Iterator<Item = &'w String>,
    strict: bool,
    reporter: &dyn Reporter,
) -> Result<(), PublishError> {
    let count = warnings.inspect(|warning| reporter.event(Event::Warning(warning))).count();
    if strict && count > 0 { Err(PublishError::Warned(count)) } else { Ok(()) }
}
