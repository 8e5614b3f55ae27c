//! What a key server answered, held against what it was asked.

use base64_simd::STANDARD;
use zeroize::Zeroizing;

use super::{
    document::{Document, Key, System},
    request::SYSTEMS,
};
use crate::{
    content_key::ContentKey,
    iv::ConstantIv,
    key_id::KeyId,
    key_source::{KeyError, KeyRequest},
    pssh::{self, PsshBox, SystemId},
    signalling::KeyTags,
    tier::Tier,
    track_keys::{KeyIds, TierKey, TrackKeys},
};

/// Reads an answer. Whatever of it is not what was asked for is an error, and nothing of it is used.
///
/// # Errors
/// [`KeyError::Answer`], which repeats nothing that may be a key.
pub fn read(body: &[u8], request: &KeyRequest, ids: &KeyIds) -> Result<TrackKeys, KeyError> {
    checked(body, request, ids).map_err(KeyError::Answer)
}

fn checked(body: &[u8], request: &KeyRequest, ids: &KeyIds) -> Result<TrackKeys, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
    let document = Document::read(text)?;
    // another content's keys would open another song
    if document.content_id.as_deref() != Some(request.content.as_str()) {
        return Err(format!("its contentId is not {}", request.content));
    }
    let of = |tier| {
        tier_key(&document, request, ids.of(tier))
            .map_err(|why| format!("key {} ({tier}): {why}", ids.of(tier)))
    };
    let keys = TrackKeys { lossy: of(Tier::Lossy)?, lossless: of(Tier::Lossless)? };
    if keys.lossy.key == keys.lossless.key {
        return Err("both keys are the same, so that a licence could not stop at a tier".to_owned());
    }
    Ok(keys)
}

fn tier_key(document: &Document, request: &KeyRequest, id: KeyId) -> Result<TierKey, String> {
    let is_it = |kid: &str| kid.parse() == Ok(id);
    let mut found = document.keys.iter().filter(|key| is_it(&key.kid));
    let key = match (found.next(), found.next()) {
        (Some(key), None) => key,
        (None, _) => return Err("it is not there".to_owned()),
        (Some(_), Some(_)) => return Err("it stands twice".to_owned()),
    };
    let iv = ConstantIv::of(&id);
    let key = content_key(key, &iv)?;
    let mut pssh = Vec::new();
    let mut tags = KeyTags { media: Vec::new(), session: Vec::new() };
    // Apple's first, as in our own
    for system in [SystemId::FairPlay, SystemId::Widevine, SystemId::PlayReady] {
        let mut all = document.systems.iter().filter(|s| is_it(&s.kid) && s.id.parse() == Ok(named(system)));
        let found = all.next().ok_or_else(|| format!("there is no DRMSystem of {}", system.name()))?;
        let told = |why: String| format!("{}: {why}", system.name());
        tags.media.push(tag(found.media.as_deref(), "#EXT-X-KEY:", system).map_err(told)?);
        tags.session.push(tag(found.master.as_deref(), "#EXT-X-SESSION-KEY:", system).map_err(told)?);
        pssh.extend(system_box(found, system, &id).map_err(told)?);
    }
    debug_assert_eq!(tags.media.len(), SYSTEMS.len());
    if request.clear_key {
        let own = KeyTags::of_clear_key(&id);
        tags.media.extend(own.media);
        tags.session.extend(own.session);
        pssh.extend(pssh::common_box(&id));
    }
    Ok(TierKey { id, key, iv, pssh, tags })
}

fn named(system: SystemId) -> KeyId {
    KeyId::from_bytes(system.as_bytes())
}

fn content_key(key: &Key, iv: &ConstantIv) -> Result<ContentKey, String> {
    if let Some(scheme) = key.scheme.as_deref().filter(|scheme| *scheme != "cbcs") {
        let scheme: String = scheme.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        return Err(format!("it is for {scheme:?}, not for cbcs"));
    }
    let stated = key.explicit_iv.as_deref().and_then(|iv| STANDARD.decode_to_vec(iv).ok());
    if stated.is_some_and(|stated| stated != iv.as_bytes()) {
        return Err("it comes with another IV than was asked for".to_owned());
    }
    if key.encrypted {
        return Err("it is encrypted: have the key server send it in the clear, over HTTPS".to_owned());
    }
    let plain = key.plain.as_deref().ok_or("it has no PlainValue")?;
    let bytes = STANDARD.decode_to_vec(plain.as_bytes()).map_err(|_| "its PlainValue is no base64")?;
    let bytes = Zeroizing::new(bytes);
    let exact = <[u8; 16]>::try_from(bytes.as_slice());
    let exact = Zeroizing::new(exact.map_err(|_| format!("it has {} bytes, not 16", bytes.len()))?);
    if exact.iter().all(|byte| *byte == 0) {
        return Err("it is all zeros".to_owned());
    }
    Ok(ContentKey::from_bytes(*exact))
}

/// The `pssh` of a system, which has to be that: one box, of this system, that names no other key.
fn system_box(found: &System, system: SystemId, id: &KeyId) -> Result<Vec<u8>, String> {
    if system == SystemId::FairPlay {
        return Ok(Vec::new());
    }
    let coded = found.pssh.as_deref().ok_or("it has no PSSH")?;
    let bytes = STANDARD.decode_to_vec(coded).map_err(|_| "its PSSH is no base64")?;
    let read = PsshBox::decode(&bytes).ok_or("its PSSH is not one pssh box")?;
    if read.system != system.as_bytes() {
        return Err("its PSSH is of another system".to_owned());
    }
    if !read.key_ids.is_empty() && !read.key_ids.contains(id) {
        return Err("its PSSH is of another key".to_owned());
    }
    Ok(bytes)
}

/// A line for playlists, which has to be one tag of the system's key format and nothing that a playlist would take for more.
fn tag(coded: Option<&str>, begins: &str, system: SystemId) -> Result<String, String> {
    let what = if begins.contains("SESSION") { "master" } else { "media" };
    let coded = coded.ok_or_else(|| format!("it has no HLSSignalingData for the {what} playlist"))?;
    let wrong = |why: &str| format!("its HLSSignalingData for the {what} playlist {why}");
    let bytes = STANDARD.decode_to_vec(coded).map_err(|_| wrong("is no base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(wrong("is not one line"));
    };
    let line = line.trim();
    if line.chars().any(char::is_control) || !line.starts_with(&format!("{begins}METHOD=SAMPLE-AES,")) {
        return Err(wrong(&format!("is no {begins}METHOD=SAMPLE-AES")));
    }
    let format = match system {
        SystemId::FairPlay => "com.apple.streamingkeydelivery".to_owned(),
        SystemId::PlayReady => "com.microsoft.playready".to_owned(),
        SystemId::Widevine | SystemId::Common => format!("urn:uuid:{system}"),
    };
    if !line.to_ascii_lowercase().contains(&format!("keyformat=\"{format}\"")) || !line.contains("URI=\"") {
        return Err(wrong(&format!("has no URI, or another KEYFORMAT than {format}")));
    }
    Ok(line.to_owned())
}
