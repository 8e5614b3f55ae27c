//! How resources came over HTTP.

use super::{finding::Findings, inspect::Facts, rule};

/// What is known of one delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The media type, in lower case and without parameters; empty where none was stated.
    pub content_type: String,
    /// Whether it came under a content coding.
    pub compressed: bool,
    /// Whether it was had only by way of a redirect.
    pub redirected: bool,
    /// Whether it came by HTTPS.
    pub secure: bool,
}

const PLAYLIST_TYPES: [&str; 2] = ["application/vnd.apple.mpegurl", "audio/mpegurl"];

pub(super) fn playlist(name: &str, delivery: Option<&Delivery>, entry: bool, findings: &mut Findings) {
    let path = name.split(['?', '#']).next().unwrap_or_default();
    let named = path.ends_with(".m3u8") || path.ends_with(".m3u");
    let typed = delivery.is_some_and(|d| PLAYLIST_TYPES.contains(&d.content_type.as_str()));
    if !named && !typed {
        findings.add(&rule::PLAYLIST_TYPE, name, None, "neither its name nor its media type says so");
    }
    let Some(delivery) = delivery else { return };
    if !typed {
        findings.add(&rule::MEDIA_TYPE, name, None, format!("a playlist as \"{}\"", delivery.content_type));
    }
    if !delivery.compressed {
        findings.add(&rule::GZIP, name, None, "gzip was accepted, and not used");
    }
    if entry && !delivery.secure {
        findings.add(&rule::TLS, name, None, "it came by plain HTTP");
    }
}

pub(super) fn media(name: &str, facts: &Facts, delivery: Option<&Delivery>, findings: &mut Findings) {
    let Some(delivery) = delivery else { return };
    if delivery.redirected {
        findings.add(&rule::REDIRECT, name, None, "it was had by way of a redirect");
    }
    let (what, types): (_, &[&str]) = match facts {
        Facts::Init(_) | Facts::Fragments(_) => {
            ("fMP4", &["audio/mp4", "video/mp4", "audio/iso.segment", "video/iso.segment"])
        }
        Facts::Transport(_) => ("a transport stream", &["video/mp2t"]),
        Facts::Packed { .. } => ("packed AAC", &["audio/aac", "audio/x-aac", "audio/aacp"]),
        Facts::Vtt(_) => ("WebVTT", &["text/vtt"]),
        Facts::Flac | Facts::Opaque => return,
    };
    if !types.contains(&delivery.content_type.as_str()) {
        findings.add(&rule::MEDIA_TYPE, name, None, format!("{what} as \"{}\"", delivery.content_type));
    }
}
