//! Keys of playlists beside what headers and fragments say of encryption.

use super::{
    super::{
        finding::Findings,
        fragment::Fragment,
        init::Init,
        key,
        media::{Encryption, Media, Segment},
        multivariant::Multivariant,
        rule,
    },
    Playlists,
};

/// A fragment and the key its playlist puts it under. The finding that comes of both, if there is one.
pub(super) fn fragment(
    segment: &Segment,
    fragment: &Fragment,
    init: &Init,
) -> Option<(&'static rule::Rule, String)> {
    let track = init.track(fragment.track)?;
    let index = fragment.entry.or(init.default_entry(fragment.track)).unwrap_or(1);
    let entry = usize::try_from(index).ok().and_then(|index| track.entries.get(index.checked_sub(1)?));
    let uri = &segment.uri;
    let Some(entry) = entry else {
        let entries = track.entries.len();
        let message = format!("{uri} is of sample entry {index}, and the header has {entries}");
        return Some((&rule::ENTRY_INDEX, message));
    };
    // a group of samples may say otherwise (ISO/IEC 23001-7 §6)
    if fragment.grouped {
        return None;
    }
    match (entry, segment.encryption) {
        (Some(_), Encryption::None) => {
            Some((&rule::KEY_COVERS, format!("{uri} is of an encrypted sample entry, under no key")))
        }
        (None, Encryption::Samples) => {
            Some((&rule::CLEAR_UNDER_KEY, format!("{uri} is of a sample entry in the clear")))
        }
        (Some(protection), Encryption::Samples) => {
            let scheme = &protection.scheme;
            let fits = *scheme == [0; 4]
                || match segment.method {
                    Some("SAMPLE-AES-CTR") => scheme == b"cenc",
                    Some("SAMPLE-AES") => scheme == b"cbcs",
                    _ => true,
                };
            let names = String::from_utf8_lossy(scheme).into_owned();
            let method = segment.method.unwrap_or_default();
            (!fits).then(|| {
                (&rule::METHOD_SCHEME, format!("{uri} is encrypted by {names}, under METHOD={method}"))
            })
        }
        (Some(_), Encryption::Whole) | (None, Encryption::None | Encryption::Whole) => None,
    }
}

/// The key ids that a playlist states are those of its headers.
pub(super) fn ids(name: &str, media: &Media, inits: &[Option<&Init>], findings: &mut Findings) {
    let tracks = inits.iter().flatten().flat_map(|init| &init.tracks);
    let known: Vec<[u8; 16]> =
        tracks.flat_map(|track| track.entries.iter().flatten()).filter_map(|entry| entry.key_id).collect();
    for (line, attributes) in &media.keys {
        match key::key_id(attributes) {
            Some(Err(message)) => findings.add(&rule::KEY_ID, name, *line, message),
            Some(Ok(id)) if !known.is_empty() && !known.contains(&id) => {
                let message = "KEYID is of no sample entry in the EXT-X-MAP";
                findings.add(&rule::KEY_ID, name, *line, message);
            }
            Some(Ok(_)) | None => {}
        }
    }
}

/// What two keys of the same URI have in common.
const NAMED: [&str; 3] = ["METHOD", "KEYFORMAT", "KEYFORMATVERSIONS"];

/// EXT-X-SESSION-KEY beside the EXT-X-KEY of the media playlists (RFC 8216 §4.3.4.5).
pub(super) fn session(
    entry: &str,
    multivariant: &Multivariant,
    playlists: &Playlists<'_>,
    findings: &mut Findings,
) {
    for (line, attributes) in &multivariant.session_keys {
        let named = NAMED.map(|name| attributes.get(name));
        let keys = playlists.values().flat_map(|playlist| &playlist.media.keys);
        let mut same_uri = keys.filter(|(_, key)| key.has("URI") && key.get("URI") == attributes.get("URI"));
        if same_uri.any(|(_, key)| NAMED.map(|name| key.get(name)) != named) {
            let message = "an EXT-X-KEY of the same URI has another METHOD, KEYFORMAT or KEYFORMATVERSIONS";
            findings.add(&rule::SESSION_KEY_MATCH, entry, *line, message);
        }
    }
}
