//! What a release is made from: each track's master, hashed, and its lyrics, read.

use nada_catalog::Version;
use nada_lyrics::Lyrics;
use nada_pipeline::Settings;

use super::{
    error::PublishError,
    lyrics,
    masters::{MasterInfo, MasterSource},
    report::{Event, Reporter},
};
use crate::release_toml::{Recipe, Release, Track};

/// What one track is made from.
pub(super) struct Input<'a> {
    pub track: &'a Track,
    pub master: MasterInfo,
    pub lyrics: Option<Lyrics>,
    /// How the master is packaged.
    pub settings: Settings,
    /// The version that master and settings address.
    pub version: Version,
}

/// Reads all lyrics and hashes all masters, so that what is wrong with them is known first. `recipe` goes before what
/// the release says of the packaging.
///
/// # Errors
/// If a file cannot be read, or lyrics have warnings and `strict` is set.
pub(super) async fn read_input<'a>(
    masters: &dyn MasterSource,
    release: &'a Release,
    recipe: &Recipe,
    strict: bool,
    reporter: &dyn Reporter,
) -> Result<Vec<Input<'a>>, PublishError> {
    let read = release.tracks.iter().map(lyrics::read).collect::<Result<Vec<_>, _>>()?;
    report_warnings(read.iter().flat_map(|(_, warnings)| warnings), strict, reporter)?;
    let mut inputs = Vec::with_capacity(release.tracks.len());
    for (track, (lyrics, _)) in release.tracks.iter().zip(read) {
        let master = masters.stat(&track.audio).await?;
        let settings = recipe.or(&track.recipe).settings();
        let version = settings.version(&master.sha256);
        inputs.push(Input { track, master, lyrics, settings, version });
    }
    Ok(inputs)
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
