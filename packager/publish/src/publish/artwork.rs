//! Artwork of a track: made of the picture that its release names, or, without one, of its title and artists. It is independent of
//! the audio: its objects lie under a digest of their own, and the manifest names them.

use std::path::PathBuf;

use nada_catalog::{Artwork, ArtworkDigest, ObjectKey, TrackId, picture::ARTWORK_SEAL};
use nada_pipeline::Isolation;

use super::{
    error::PublishError,
    input::Input,
    inventory::Inventory,
    masters::{MasterInfo, MasterSource},
    settings::PublishSettings,
    upload::Uploads,
};
use crate::release_toml::Track;

/// What a track's artwork is made of.
pub(super) struct ArtworkInput {
    /// What it is addressed by.
    pub digest: ArtworkDigest,
    /// The picture; `None` where it is made of the title.
    #[cfg_attr(not(feature = "pictures"), expect(dead_code))]
    picture: Option<(PathBuf, MasterInfo)>,
    /// Where the picture is decoded.
    #[cfg_attr(not(feature = "pictures"), expect(dead_code))]
    isolation: Isolation,
}

/// Reads what a track's artwork is made of; `None` where this program makes none, and what is published is left as it is.
///
/// # Errors
/// [`PublishError::NoPictures`] where the release names a picture and this program makes none; and where it cannot be read.
pub(super) async fn read(
    masters: &dyn MasterSource,
    track: &Track,
    settings: &PublishSettings,
) -> Result<Option<ArtworkInput>, PublishError> {
    let Some(isolation) = settings.pictures.clone().filter(|_| cfg!(feature = "pictures")) else {
        return track.artwork.clone().map_or(Ok(None), |path| Err(PublishError::NoPictures(path)));
    };
    let picture = match &track.artwork {
        Some(path) => Some((path.clone(), masters.stat(path).await?)),
        None => None,
    };
    let recipe = recipe();
    let digest = match &picture {
        Some((_, info)) => ArtworkDigest::from_input(&[&recipe, &info.sha256]),
        None => {
            let texts = std::iter::once(&track.title).chain(&track.artists).map(String::as_bytes);
            let parts: Vec<&[u8]> =
                [recipe.as_slice(), b"generated".as_slice()].into_iter().chain(texts).collect();
            ArtworkDigest::from_input(&parts)
        }
    };
    Ok(Some(ArtworkInput { digest, picture, isolation }))
}

/// How artwork is made.
fn recipe() -> [u8; 4] {
    #[cfg(feature = "pictures")]
    return nada_artwork::RECIPE.to_be_bytes();
    #[cfg(not(feature = "pictures"))]
    [0; 4]
}

/// Every object of artwork, the one that says that it is whole last.
pub(super) fn artwork_keys(track: &TrackId, artwork: &Artwork) -> Vec<ObjectKey> {
    let sizes =
        artwork.sizes.iter().flat_map(|size| artwork.formats.iter().map(move |format| (*size, *format)));
    let mut files: Vec<_> = sizes.collect();
    files.sort_by_key(|file| *file == ARTWORK_SEAL);
    let key = |(size, format)| ObjectKey::Artwork(track.clone(), artwork.digest.clone(), size, format);
    files.into_iter().map(key).collect()
}

impl Uploads<'_> {
    /// Makes the artwork of a track and stores its files. What is `stored` already is not sent.
    #[cfg(feature = "pictures")]
    pub async fn artwork(
        &self,
        input: &Input<'_>,
        artwork: &ArtworkInput,
        stored: &Inventory,
    ) -> Result<Artwork, PublishError> {
        use nada_artwork::{ArtworkRefusal, Decoded, generated, make, read};
        use nada_catalog::PictureFormat;

        use super::{defect::Defect, report::Event};

        let track = input.track;
        let ArtworkInput { digest, picture, isolation } = artwork;
        let fetched = match picture {
            Some((path, info)) => Some((path, self.masters.fetch(path, info).await?)),
            None => None,
        };
        let local = fetched.as_ref().map(|(_, master)| master.path().to_owned());
        let (title, artists, isolation) = (track.title.clone(), track.artists.clone(), isolation.clone());
        let made = tokio::task::spawn_blocking(move || {
            let decoded = match local {
                Some(path) => read(&path, &isolation).map_err(|error| error.refusal)?,
                None => Decoded { square: generated(&title, &artists), notices: Vec::new() },
            };
            Ok::<_, ArtworkRefusal>((make(&decoded.square), decoded.notices))
        });
        let made = made.await.map_err(Defect::Artwork)?;
        let name = track.artwork.clone().unwrap_or_default();
        let (made, notices) = made.map_err(|refusal| PublishError::Picture {
            path: name.clone(),
            was_killed: refusal == ArtworkRefusal::Killed,
            refusal: refusal.to_string(),
        })?;
        if let Some((path, master)) = fetched {
            master.check(path)?;
        }
        for notice in notices {
            self.reporter.event(Event::Warning(&format!("{}: {notice}", name.display())));
        }
        let made = made.map_err(|error| Defect::Picture(error.to_string()))?;
        for file in made.files {
            let key = ObjectKey::Artwork(track.id.clone(), digest.clone(), file.size, file.format);
            self.put(&track.id, key, file.bytes.into(), stored).await?;
        }
        Ok(Artwork {
            digest: digest.clone(),
            sizes: made.sizes,
            formats: PictureFormat::ARTWORK.to_vec(),
            background: made.palette.background.to_string(),
            text: made.palette.text.to_string(),
            placeholder: made.placeholder,
        })
    }

    /// Without the feature `pictures`, nothing asks for this.
    #[cfg(not(feature = "pictures"))]
    pub async fn artwork(
        &self,
        input: &Input<'_>,
        _: &ArtworkInput,
        _: &Inventory,
    ) -> Result<Artwork, PublishError> {
        Err(PublishError::NoPictures(input.track.artwork.clone().unwrap_or_default()))
    }
}
