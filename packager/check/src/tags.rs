//! The tags of RFC 8216 §4.3 and its successor's §4.4, and what their attributes are.

use super::attributes::Type::{
    self, Any, AnyEnumerated, Enumerated, Float, Hexadecimal, Integer, Quoted, QuotedOrNone, Resolution,
    SignedFloat,
};

/// In which playlists a tag may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaylistKind {
    Any,
    Media,
    Multivariant,
}

/// An attribute: name, type, and whether its tag requires it.
type Attribute = (&'static str, Type, bool);

/// A tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub name: &'static str,
    pub place: PlaylistKind,
    /// Whether it is about the whole playlist, and so stands once.
    pub once: bool,
    /// Its attributes, where its value is an attribute list.
    pub attributes: Option<&'static [Attribute]>,
}

const fn plain(name: &'static str, place: PlaylistKind, once: bool) -> Tag {
    Tag { name, place, once, attributes: None }
}

const fn list(name: &'static str, place: PlaylistKind, once: bool, attributes: &'static [Attribute]) -> Tag {
    Tag { name, place, once, attributes: Some(attributes) }
}

const YES_NO: Type = Enumerated(&["YES", "NO"]);
const METHODS: Type = Enumerated(&["NONE", "AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"]);

static TAGS: &[Tag] = &[
    plain("EXTM3U", PlaylistKind::Any, true),
    // told apart from the others by a rule of its own
    plain("EXT-X-VERSION", PlaylistKind::Any, false),
    plain("EXT-X-INDEPENDENT-SEGMENTS", PlaylistKind::Any, true),
    list(
        "EXT-X-START",
        PlaylistKind::Any,
        true,
        &[("TIME-OFFSET", SignedFloat, true), ("PRECISE", YES_NO, false)],
    ),
    list(
        "EXT-X-DEFINE",
        PlaylistKind::Any,
        false,
        &[
            ("NAME", Quoted, false),
            ("VALUE", Quoted, false),
            ("IMPORT", Quoted, false),
            ("QUERYPARAM", Quoted, false),
        ],
    ),
    plain("EXTINF", PlaylistKind::Media, false),
    plain("EXT-X-BYTERANGE", PlaylistKind::Media, false),
    plain("EXT-X-DISCONTINUITY", PlaylistKind::Media, false),
    plain("EXT-X-GAP", PlaylistKind::Media, false),
    plain("EXT-X-BITRATE", PlaylistKind::Media, false),
    plain("EXT-X-PROGRAM-DATE-TIME", PlaylistKind::Media, false),
    plain("EXT-X-TARGETDURATION", PlaylistKind::Media, true),
    plain("EXT-X-MEDIA-SEQUENCE", PlaylistKind::Media, true),
    plain("EXT-X-DISCONTINUITY-SEQUENCE", PlaylistKind::Media, true),
    plain("EXT-X-ENDLIST", PlaylistKind::Media, true),
    plain("EXT-X-PLAYLIST-TYPE", PlaylistKind::Media, true),
    plain("EXT-X-I-FRAMES-ONLY", PlaylistKind::Media, true),
    plain("EXT-X-ALLOW-CACHE", PlaylistKind::Media, true),
    list(
        "EXT-X-KEY",
        PlaylistKind::Media,
        false,
        &[
            ("METHOD", METHODS, true),
            ("URI", Quoted, false),
            ("IV", Hexadecimal, false),
            ("KEYFORMAT", Quoted, false),
            ("KEYFORMATVERSIONS", Quoted, false),
            // Widevine's
            ("KEYID", Hexadecimal, false),
        ],
    ),
    list("EXT-X-MAP", PlaylistKind::Media, false, &[("URI", Quoted, true), ("BYTERANGE", Quoted, false)]),
    // its X- attributes are anybody's, and its dates are not this validator's
    list("EXT-X-DATERANGE", PlaylistKind::Media, false, &[("ID", Quoted, true)]),
    list("EXT-X-PART", PlaylistKind::Media, false, &[("URI", Quoted, true), ("DURATION", Float, true)]),
    list("EXT-X-PART-INF", PlaylistKind::Media, true, &[("PART-TARGET", Float, true)]),
    list("EXT-X-SERVER-CONTROL", PlaylistKind::Media, true, &[]),
    list("EXT-X-SKIP", PlaylistKind::Media, true, &[("SKIPPED-SEGMENTS", Integer, true)]),
    list(
        "EXT-X-PRELOAD-HINT",
        PlaylistKind::Media,
        false,
        &[("TYPE", AnyEnumerated, true), ("URI", Quoted, true)],
    ),
    list("EXT-X-RENDITION-REPORT", PlaylistKind::Media, false, &[]),
    list(
        "EXT-X-MEDIA",
        PlaylistKind::Multivariant,
        false,
        &[
            ("TYPE", Enumerated(&["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"]), true),
            ("URI", Quoted, false),
            ("GROUP-ID", Quoted, true),
            ("LANGUAGE", Quoted, false),
            ("ASSOC-LANGUAGE", Quoted, false),
            ("NAME", Quoted, true),
            ("STABLE-RENDITION-ID", Quoted, false),
            ("DEFAULT", YES_NO, false),
            ("AUTOSELECT", YES_NO, false),
            ("FORCED", YES_NO, false),
            ("INSTREAM-ID", Quoted, false),
            ("BIT-DEPTH", Integer, false),
            ("SAMPLE-RATE", Integer, false),
            ("CHARACTERISTICS", Quoted, false),
            ("CHANNELS", Quoted, false),
        ],
    ),
    list(
        "EXT-X-STREAM-INF",
        PlaylistKind::Multivariant,
        false,
        &[
            ("BANDWIDTH", Integer, true),
            ("AVERAGE-BANDWIDTH", Integer, false),
            ("SCORE", Float, false),
            ("CODECS", Quoted, false),
            ("SUPPLEMENTAL-CODECS", Quoted, false),
            ("RESOLUTION", Resolution, false),
            ("FRAME-RATE", Float, false),
            ("HDCP-LEVEL", AnyEnumerated, false),
            ("ALLOWED-CPC", Quoted, false),
            ("VIDEO-RANGE", AnyEnumerated, false),
            ("REQ-VIDEO-LAYOUT", Quoted, false),
            ("STABLE-VARIANT-ID", Quoted, false),
            ("AUDIO", Quoted, false),
            ("VIDEO", Quoted, false),
            ("SUBTITLES", Quoted, false),
            ("CLOSED-CAPTIONS", QuotedOrNone, false),
            ("PATHWAY-ID", Quoted, false),
            // deprecated, still written
            ("PROGRAM-ID", Integer, false),
            ("NAME", Any, false),
        ],
    ),
    list(
        "EXT-X-I-FRAME-STREAM-INF",
        PlaylistKind::Multivariant,
        false,
        &[
            ("BANDWIDTH", Integer, true),
            ("AVERAGE-BANDWIDTH", Integer, false),
            ("SCORE", Float, false),
            ("CODECS", Quoted, false),
            ("SUPPLEMENTAL-CODECS", Quoted, false),
            ("RESOLUTION", Resolution, false),
            ("HDCP-LEVEL", AnyEnumerated, false),
            ("ALLOWED-CPC", Quoted, false),
            ("VIDEO-RANGE", AnyEnumerated, false),
            ("REQ-VIDEO-LAYOUT", Quoted, false),
            ("STABLE-VARIANT-ID", Quoted, false),
            ("VIDEO", Quoted, false),
            ("PATHWAY-ID", Quoted, false),
            ("PROGRAM-ID", Integer, false),
            ("URI", Quoted, true),
        ],
    ),
    list(
        "EXT-X-SESSION-DATA",
        PlaylistKind::Multivariant,
        false,
        &[
            ("DATA-ID", Quoted, true),
            ("VALUE", Quoted, false),
            ("URI", Quoted, false),
            ("FORMAT", Enumerated(&["JSON", "RAW"]), false),
            ("LANGUAGE", Quoted, false),
        ],
    ),
    list(
        "EXT-X-SESSION-KEY",
        PlaylistKind::Multivariant,
        false,
        &[
            ("METHOD", METHODS, true),
            ("URI", Quoted, false),
            ("IV", Hexadecimal, false),
            ("KEYFORMAT", Quoted, false),
            ("KEYFORMATVERSIONS", Quoted, false),
            // Widevine's
            ("KEYID", Hexadecimal, false),
        ],
    ),
    list(
        "EXT-X-CONTENT-STEERING",
        PlaylistKind::Multivariant,
        true,
        &[("SERVER-URI", Quoted, true), ("PATHWAY-ID", Quoted, false)],
    ),
];

/// The tag of this name, without its `#`.
pub(super) fn tag(name: &str) -> Option<&'static Tag> {
    TAGS.iter().find(|tag| tag.name == name)
}

/// Tags whose attributes are not all named here: their unknown ones are nobody's fault.
pub(super) fn is_open(tag: &Tag) -> bool {
    matches!(
        tag.name,
        "EXT-X-DATERANGE"
            | "EXT-X-SERVER-CONTROL"
            | "EXT-X-PART"
            | "EXT-X-SKIP"
            | "EXT-X-PRELOAD-HINT"
            | "EXT-X-RENDITION-REPORT"
    )
}
