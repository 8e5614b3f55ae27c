//! The rules: data. A number, once given, keeps its meaning.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing: nothing is wrong by it, or it could not be looked into.
    Notice,
    /// A SHOULD is not kept, or what is stated cannot be relied on.
    Warning,
    /// A MUST is not kept.
    Error,
}

/// One rule.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its number: H1xx any playlist, H2xx multivariant, H3xx media playlists, H4xx segments and
    /// initialization sections, H5xx subtitles, H6xx delivery.
    pub id: &'static str,
    /// What breaking it weighs.
    pub severity: Severity,
    /// What it asks for.
    pub title: &'static str,
    /// Where it is written.
    pub source: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident $title:literal, $source:literal;)*) => {
        $(
            #[doc = $title]
            pub(super) static $name: Rule =
                Rule { id: $id, severity: Severity::$severity, title: $title, source: $source };
        )*
        /// Every rule, by number.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

// "Apple" is the HLS Authoring Specification for Apple Devices, "bis" draft-pantos-hls-rfc8216bis.
rules! {
    FIRST_LINE "H101" Error "The first line is #EXTM3U", "RFC 8216 §4.3.1.1";
    UTF8 "H102" Error "The playlist is UTF-8 without a byte order mark", "RFC 8216 §4.1";
    CONTROL "H103" Error "No control characters but CR and LF", "RFC 8216 §4.1";
    VERSION_ONCE "H104" Error "EXT-X-VERSION at most once, a positive integer", "RFC 8216 §4.3.1.2";
    VERSION_HIGH "H105" Error "EXT-X-VERSION is as high as what the playlist uses", "RFC 8216 §7, bis §8";
    MIXED "H106" Error "Either a multivariant or a media playlist, not both", "RFC 8216 §4.1";
    ATTRIBUTE_LIST "H107" Error "Attribute lists follow their grammar", "RFC 8216 §4.2";
    ATTRIBUTE_TWICE "H108" Error "An attribute stands once in a list", "RFC 8216 §4.2";
    ATTRIBUTE_TYPE "H109" Error "An attribute's value is of its type", "RFC 8216 §4.2 to §4.3";
    ATTRIBUTE_ABSENT "H110" Error "The attributes a tag requires are there", "RFC 8216 §4.3";
    TAG_TWICE "H111" Error "A tag about the whole playlist stands once", "RFC 8216 §4.3.3, §4.3.5";
    WHITE_SPACE "H112" Error "No white space around a line", "RFC 8216 §4.1";
    VARIABLE "H113" Error "Variables are defined, once, before they are used", "bis §4.3, §4.4.2.3";
    UNKNOWN "H114" Notice "Tags and attributes are known to this validator", "RFC 8216 §6.3.1";
    LIMIT "H115" Notice "The presentation stays within what this validator reads", "limits of this validator";
    UNCLEAR "H116" Error "The playlist has tags that say what it is", "RFC 8216 §4.1";

    STREAM_URI "H201" Error "EXT-X-STREAM-INF is followed by a URI line", "RFC 8216 §4.3.4.2";
    VARIANTS "H202" Error "A multivariant playlist has a variant", "RFC 8216 §4.3.4.2, §6.2.4";
    CODECS_STATED "H203" Error "Every variant states CODECS", "Apple 9.1, RFC 8216 §4.3.4.2";
    AVERAGE_STATED "H204" Error "Every variant states AVERAGE-BANDWIDTH", "Apple 9.14";
    GROUP_EXISTS "H205" Error "A group that a variant names exists", "RFC 8216 §4.3.4.2";
    GROUP_USED "H206" Warning "A group that exists is named by a variant", "RFC 8216 §4.3.4.1.1";
    NAME_UNIQUE "H207" Error "NAME is unique in its group", "RFC 8216 §4.3.4.1.1";
    DEFAULT_ONE "H208" Error "At most one member of a group is DEFAULT=YES", "RFC 8216 §4.3.4.1.1";
    AUTOSELECT "H209" Error "DEFAULT=YES goes with AUTOSELECT=YES", "RFC 8216 §4.3.4.1";
    MEDIA_URI "H210" Error "EXT-X-MEDIA has URI, INSTREAM-ID and FORCED as its TYPE allows", "RFC 8216 §4.3.4.1";
    LANGUAGE "H211" Warning "EXT-X-MEDIA other than video states LANGUAGE", "Apple 8.10";
    SESSION_DATA "H212" Error "EXT-X-SESSION-DATA has exactly one of VALUE and URI, and is unique", "RFC 8216 §4.3.4.4";
    SCORE "H213" Warning "SCORE on all variants or on none", "Apple 9.19";
    STEERING "H214" Warning "EXT-X-CONTENT-STEERING goes with PATHWAY-ID", "Apple 9.18";
    PEAK "H215" Error "BANDWIDTH is within 10 % of the peak measured", "Apple 1.27, 9.13, RFC 8216 §4.3.4.2";
    AVERAGE "H216" Error "AVERAGE-BANDWIDTH is within 10 % of the average measured", "Apple 1.26";
    PEAK_RATIO "H217" Warning "The peak is at most 200 % of the average", "Apple 1.30";
    CODECS_MATCH "H218" Error "CODECS names what the media holds", "RFC 8216 §4.3.4.2";
    CELLULAR "H219" Warning "One variant peaks at no more than 192 kbit/s", "Apple 9.21";
    STEREO_AAC "H220" Warning "One variant is AAC or HE-AAC", "Apple 2.3";
    AAC_RATE "H221" Notice "HE-AAC at 64 kbit/s or less, AAC at 32 to 160", "Apple 2.4, 2.9";
    CHANNELS "H222" Warning "CHANNELS is the channel count of the media", "RFC 8216 §4.3.4.1";
    SESSION_KEY "H223" Error "EXT-X-SESSION-KEY has a METHOD other than NONE, and is unique", "RFC 8216 §4.3.4.5";
    SESSION_KEY_MATCH "H224" Error "An EXT-X-SESSION-KEY and an EXT-X-KEY of the same URI are the same", "RFC 8216 §4.3.4.5";

    TARGET "H301" Error "EXT-X-TARGETDURATION is there", "RFC 8216 §4.3.3.1";
    TARGET_EXCEEDED "H302" Error "EXTINF, rounded, is at most the target duration", "RFC 8216 §4.3.3.1";
    DECIMAL "H303" Error "EXTINF is a number, an integer below version 3", "RFC 8216 §4.3.2.1";
    EXTINF "H304" Error "Every segment has an EXTINF", "RFC 8216 §4.3.2.1";
    ENDLIST "H305" Error "A VOD playlist ends with EXT-X-ENDLIST", "RFC 8216 §4.3.3.5, §6.2.1";
    TYPE_VOD "H306" Warning "A playlist that ended is of EXT-X-PLAYLIST-TYPE:VOD", "Apple 8.7";
    ZERO "H307" Warning "No segment has a duration of zero", "RFC 8216 §4.3.2.1";
    RANGE "H308" Error "A byte range lies within its resource", "RFC 8216 §4.3.2.2";
    RANGE_OFFSET "H309" Error "A byte range without offset follows one of the same resource", "RFC 8216 §4.3.2.2";
    KEY "H310" Error "EXT-X-KEY has URI and IV as its METHOD asks", "RFC 8216 §4.3.2.4";
    MAP_IV "H311" Error "An EXT-X-MAP under AES-128 has an explicit IV", "RFC 8216 §4.3.2.5";
    SEQUENCE_PLACE "H312" Error "Sequence numbers stand before the first segment", "RFC 8216 §4.3.3.2, §4.3.3.3";
    SEGMENTS "H313" Warning "A media playlist has segments", "RFC 8216 §3";
    INDEPENDENT "H314" Warning "EXT-X-INDEPENDENT-SEGMENTS is there", "Apple 8.23";
    OVERLONG "H315" Error "No segment lasts longer than the target duration and 0.5 s", "Apple 7.7";
    TARGET_SIX "H316" Warning "The target duration is 6 s", "Apple 7.5";
    SAME_TARGET "H317" Error "All renditions have the same target duration", "RFC 8216 §6.2.4, Apple 8.2";
    SAME_RANGE "H318" Error "All renditions cover the same time", "RFC 8216 §6.2.4, Apple 8.3";
    ALIGNED "H319" Warning "Segment boundaries lie at the same times in all renditions", "Apple 8.22";
    SAME_DISCONTINUITIES "H320" Error "All renditions have the same discontinuities", "RFC 8216 §6.2.4";
    DURATION "H321" Warning "EXTINF is the segment's own duration", "RFC 8216 §4.3.2.1, Apple 8.1";
    DURATION_SUM "H322" Warning "EXTINF adds up to the media's duration", "RFC 8216 §4.3.2.1, Apple 8.1";
    LIVE "H323" Notice "The playlist has ended", "RFC 8216 §4.3.3.4";
    CODEC_CHANGE "H324" Warning "A discontinuity does not change the codec", "Apple 8.16";
    KEY_FORMAT "H325" Error "A key's URI is of its KEYFORMAT: skd, or a data URI with pssh or PlayReady object", "Widevine DRM for HLS, FairPlay Streaming, PlayReady with HLS";
    KEY_ID "H326" Error "KEYID is the key id of the samples", "Widevine DRM for HLS, ISO/IEC 23001-7 §8.2";
    KEY_COVERS "H327" Error "Encrypted samples are under an EXT-X-KEY", "RFC 8216 §4.3.2.4";
    CLEAR_UNDER_KEY "H328" Warning "Samples under an EXT-X-KEY are encrypted", "RFC 8216 §4.3.2.4";
    METHOD_SCHEME "H329" Error "In fMP4, SAMPLE-AES is cbcs and SAMPLE-AES-CTR is cenc", "bis §4.4.4.4";

    RESOURCE "H401" Error "What a playlist names is there", "RFC 8216 §6.2.1";
    BOXES "H402" Error "Boxes lie within their parents", "ISO/IEC 14496-12 §4.2";
    INIT "H403" Error "An initialization section has ftyp, moov, a track, and mvex with its defaults", "RFC 8216 §3.3";
    INIT_SAMPLES "H404" Error "An initialization section has no samples", "RFC 8216 §3.3, ISO/IEC 23000-19 §7.3.1";
    MAP "H405" Error "fMP4 segments come under an EXT-X-MAP", "RFC 8216 §3.3, Apple 8.20";
    FRAGMENT "H406" Error "An fMP4 segment has moof with traf, tfhd and tfdt, and mdat", "RFC 8216 §3.3";
    ONE_TRAF "H407" Warning "A movie fragment has one track fragment, a segment one audio stream", "ISO/IEC 23000-19 §7.3.2, Apple 2.17";
    RELATIVE "H408" Error "Data offsets do not count from the start of the file", "RFC 8216 §3.3";
    BASE_IS_MOOF "H409" Warning "Track fragments say default-base-is-moof", "ISO/IEC 23000-19 §7.5";
    SAMPLE_DATA "H410" Error "The samples of a run lie within mdat", "ISO/IEC 14496-12 §8.8.8";
    STRAY_DATA "H411" Warning "mdat holds samples and nothing else", "ISO/IEC 23000-19 §7.3.2";
    CONTINUOUS "H412" Error "A segment's time is that of the one before and its duration", "Apple 7.1, 7.3, RFC 8216 §4.3.2.3";
    TIMESCALE "H413" Warning "The timescale of audio is its sample rate", "ISO/IEC 23000-19 §10.2";
    CONFIG "H414" Warning "The sample entry states the rate and channels of its AudioSpecificConfig", "ISO/IEC 14496-14 §5.6";
    EXPLICIT_SBR "H415" Error "HE-AAC in fMP4 signals SBR explicitly", "Apple 2.24";
    ONLY_FMP4 "H416" Error "FLAC, ALAC and xHE-AAC come in fMP4", "Apple 2.25";
    LOUDNESS "H417" Warning "Audio in fMP4 states its loudness (ludt)", "Apple 2.18 to 2.23";
    EDIT_LIST "H418" Notice "No edit list: players disagree on them", "ISO/IEC 14496-12 §8.6.6";
    NOT_JUDGED "H419" Notice "The media is in the clear and of a format this validator reads", "limits of this validator";
    PACKED_TIME "H420" Error "Packed audio begins with its transport stream timestamp in ID3", "RFC 8216 §3.4";
    TABLES "H421" Error "A transport stream segment has PAT and PMT", "RFC 8216 §3.2";
    TABLES_FIRST "H422" Warning "A transport stream segment begins with PAT and PMT", "RFC 8216 §3.2";
    STREAM "H423" Error "Transport packets and ADTS frames keep their sync", "ISO/IEC 13818-1 §2.4.3, ISO/IEC 14496-3 §1.A.3";
    STYP "H424" Notice "A segment's styp names a segment brand", "ISO/IEC 14496-12 §8.16.2";
    SINF "H425" Error "An encrypted sample entry has sinf with frma, schm and, in Common Encryption, schi with tenc", "ISO/IEC 14496-12 §8.12, ISO/IEC 23001-7 §4.1";
    TENC "H426" Error "tenc has the IVs and the pattern that its scheme allows", "ISO/IEC 23001-7 §8.2, §10";
    WHOLE_BLOCKS "H427" Warning "Sound in cbcs has a tenc of version 1, without a pattern", "ISO/IEC 23001-7 §9.7, §10.4";
    PSSH "H428" Error "pssh is of version 0 or 1, and its parts fill it", "ISO/IEC 23001-7 §8.1";
    ENTRY_INDEX "H429" Error "A track fragment is of a sample entry that the header has", "ISO/IEC 14496-12 §8.8.7";

    WEBVTT "H501" Error "A subtitle segment is WebVTT", "RFC 8216 §3.5";
    TIMESTAMP_MAP "H502" Warning "A WebVTT segment has X-TIMESTAMP-MAP", "RFC 8216 §3.5, Apple 5.3";
    COVERAGE "H503" Error "Subtitles cover the whole duration", "Apple 5.5, RFC 8216 §6.2.4";

    OUTSIDE "H601" Warning "What a playlist names lies where it may be fetched", "limits of this validator";
    REDIRECT "H602" Warning "Media is delivered without redirects", "Apple 8.18";
    PLAYLIST_TYPE "H603" Error "A playlist is named .m3u8 or is of a playlist's media type", "RFC 8216 §4";
    MEDIA_TYPE "H604" Warning "Media types are those of what is delivered", "Apple 10.4";
    GZIP "H605" Warning "Playlists are delivered compressed", "Apple 10.1";
    TLS "H606" Notice "Delivery is by HTTPS", "Apple 11";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_rise() {
        for (a, b) in RULES.iter().zip(RULES.iter().skip(1)) {
            assert!(a.id < b.id, "{} {}", a.id, b.id);
        }
    }
}
