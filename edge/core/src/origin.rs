//! Origins: S3-compatible endpoints, their order, their URLs, and what their answers mean.

use std::fmt;

use jiff::Timestamp;
use nada_catalog::{Country, ObjectKey};
use serde::Deserialize;

use crate::read::Source;

/// An origin that has sent no first byte after this many milliseconds has not answered: ask the next one.
pub const FIRST_BYTE_MS: u64 = 1500;

/// One S3-compatible endpoint with one bucket, or the host name of one bucket alone, which is read without a signature.
/// The first origin of a list is the primary, the others are its replicas.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Origin {
    endpoint: Endpoint,
    /// Empty where the endpoint is the bucket's own host name.
    bucket: String,
    region: String,
    path_style: bool,
    near: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Endpoint {
    scheme: &'static str,
    authority: String,
}

/// An origin as configurations write it:
/// `{"endpoint": "https://…", "bucket": "…", "region": "…", "path_style": false, "near": ["SIN", "ID"]}`, the last
/// two optional; without bucket and region the endpoint is the host name of a bucket of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    endpoint: String,
    #[serde(default)]
    bucket: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    path_style: bool,
    #[serde(default)]
    near: Vec<String>,
}

impl TryFrom<Written> for Origin {
    type Error = OriginError;

    fn try_from(written: Written) -> Result<Self, OriginError> {
        let Written { endpoint, bucket, region, path_style, near } = written;
        let origin = if bucket.is_empty() && region.is_empty() && !path_style {
            Self::unsigned(&endpoint)
        } else {
            Self::new(&endpoint, &bucket, &region, path_style)
        };
        Ok(origin?.near(near))
    }
}

/// Its endpoint and bucket, for logs.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}", self.endpoint.scheme, self.endpoint.authority, self.bucket)
    }
}

/// An origin that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not `https://host`, `http://host` or either with a port.
    #[error("endpoint {0:?} is not https://host or http://host, with a port if need be and nothing after it")]
    Endpoint(String),
    /// Not a bucket name.
    #[error("bucket {0:?} is not 3 to 63 lowercase letters, digits, '.' or '-'")]
    Bucket(String),
    /// Not a region name.
    #[error("region {0:?} is not 1 to 32 lowercase letters, digits or '-'")]
    Region(String),
}

/// Where to send a request for one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The whole URL.
    pub url: String,
    /// The `Host` header field, which is signed.
    pub host: String,
    /// The URL's path, which is signed. It needs no escaping: a key is made of letters, digits and `_-./`.
    pub path: String,
    /// The URL's query, which is signed: `name=value` in letters and digits.
    pub query: Option<String>,
}

impl Endpoint {
    fn parse(text: &str) -> Option<Self> {
        // one letter is looked for, here and below: the search for a text would be 2 KB of the worker's module
        let (scheme, rest) = text.split_once(':')?;
        let (scheme, authority, default) = match (scheme, rest.strip_prefix("//")?) {
            ("https", rest) => ("https", rest, ":443"),
            ("http", rest) => ("http", rest, ":80"),
            _ => return None,
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = nada_token::split_authority(authority)?;
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':');
        if !bare.bytes().all(plain) {
            return None;
        }
        // a client leaves the scheme's own port out of Host, and Host is signed
        let authority = match port {
            Some(_) => authority.strip_suffix(default).unwrap_or(authority),
            None => authority,
        };
        Some(Self { scheme, authority: authority.to_ascii_lowercase() })
    }
}

impl Origin {
    /// An endpoint (`https://s3.ap-south-1.amazonaws.com`) with a bucket. With `path_style`, the bucket stands
    /// in the path, else before the host's name.
    ///
    /// # Errors
    /// Where endpoint, bucket or region are not of their grammar.
    pub fn new(endpoint: &str, bucket: &str, region: &str, path_style: bool) -> Result<Self, OriginError> {
        let name = |b: u8, more: &[u8]| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(&b);
        if !(3..=63).contains(&bucket.len())
            || bucket.starts_with(['.', '-'])
            || bucket.as_bytes().windows(2).any(|pair| pair == b"..")
            || !bucket.bytes().all(|b| name(b, b".-"))
        {
            return Err(OriginError::Bucket(bucket.to_owned()));
        }
        if !(1..=32).contains(&region.len()) || !region.bytes().all(|b| name(b, b"-")) {
            return Err(OriginError::Region(region.to_owned()));
        }
        Ok(Self {
            endpoint: Endpoint::parse(endpoint).ok_or_else(|| OriginError::Endpoint(endpoint.to_owned()))?,
            bucket: bucket.to_owned(),
            region: region.to_owned(),
            path_style,
            near: Vec::new(),
        })
    }

    /// The host name of one bucket (`https://releases.example.com`), which holds nothing else and gives its objects to
    /// whoever may reach it: a custom domain of Cloudflare R2, closed to all but the worker.
    ///
    /// # Errors
    /// Where the endpoint is not of its grammar.
    pub fn unsigned(endpoint: &str) -> Result<Self, OriginError> {
        Ok(Self {
            endpoint: Endpoint::parse(endpoint).ok_or_else(|| OriginError::Endpoint(endpoint.to_owned()))?,
            bucket: String::new(),
            region: String::new(),
            path_style: false,
            near: Vec::new(),
        })
    }

    /// Whether requests to it are signed.
    pub fn is_signed(&self) -> bool {
        !self.bucket.is_empty()
    }

    /// The bucket's name; empty where the endpoint is its host name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// This origin, nearest to these places: the platform's colos (`SIN`) and countries (`ID`), in capitals.
    #[must_use]
    pub fn near(self, places: impl IntoIterator<Item = String>) -> Self {
        Self { near: places.into_iter().collect(), ..self }
    }

    fn is_near(&self, place: &str) -> bool {
        self.near.iter().any(|known| known == place)
    }

    /// Whether it is asked over TLS.
    pub fn is_https(&self) -> bool {
        self.endpoint.scheme == "https"
    }

    /// The region that requests are signed for; empty where none is.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where an object lies. Keys need no escaping: their grammar has letters, digits and `_-./` alone.
    pub fn address(&self, key: &ObjectKey, query: Option<&str>) -> Address {
        let Endpoint { scheme, authority } = &self.endpoint;
        let (host, path) = if !self.is_signed() {
            (authority.clone(), format!("/{key}"))
        } else if self.path_style {
            (authority.clone(), format!("/{}/{key}", self.bucket))
        } else {
            (format!("{}.{authority}", self.bucket), format!("/{key}"))
        };
        let mark = if query.is_some() { "?" } else { "" };
        let url = format!("{scheme}://{host}{path}{mark}{}", query.unwrap_or_default());
        Address { url, host, path, query: query.map(str::to_owned) }
    }
}

/// The order to ask `origins` in, the first of which is the primary. For [`Source::Nearest`] those near the colo
/// that serves the request come first, then, where none is, those near the country.
pub fn order<'o>(
    origins: &'o [Origin],
    source: Source,
    colo: Option<&str>,
    country: Country,
) -> Vec<&'o Origin> {
    let by_colo = colo.filter(|colo| origins.iter().any(|origin| origin.is_near(colo)));
    let place = by_colo.unwrap_or(country.code());
    let is_near = |origin: &&Origin| source == Source::Nearest && origin.is_near(place);
    // the order of the list decides between equals
    let mut ordered: Vec<&Origin> = origins.iter().filter(is_near).collect();
    ordered.extend(origins.iter().filter(|origin| !is_near(origin)));
    ordered
}

/// Whether an origin's status is its final word. If not (it failed, or a replica lacks what the primary may
/// have), the next origin is asked, and where none is left, no origin answered.
pub fn settles(is_primary: bool, status: u16) -> bool {
    match status {
        200 | 206 | 416 => true,
        403 | 404 => is_primary,
        _ => false,
    }
}

/// When an origin gave an answer that a cache says is `age` seconds old (the `Age` field, RFC 9111 §5.1). An
/// age that cannot be read counts as none.
pub fn answered_at(now: Timestamp, age: Option<&str>) -> Timestamp {
    let seconds = age.and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
    Timestamp::new(now.as_second() - i64::from(seconds), now.subsec_nanosecond()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(endpoint: &str, path_style: bool) -> Origin {
        Origin::new(endpoint, "nada-demo", "ap-south-1", path_style).unwrap()
    }

    #[test]
    fn addresses() {
        let key: ObjectKey = "tracks/INNDA2600001/manifest.json".parse().unwrap();
        let address = origin("http://127.0.0.1:9000", true).address(&key, Some("r=7"));
        assert_eq!(address.url, "http://127.0.0.1:9000/nada-demo/tracks/INNDA2600001/manifest.json?r=7");
        assert_eq!(address.host, "127.0.0.1:9000");
        assert_eq!(address.path, "/nada-demo/tracks/INNDA2600001/manifest.json");
        let address = origin("https://S3.ap-south-1.amazonaws.com:443/", false).address(&key, None);
        assert_eq!(
            address.url,
            "https://nada-demo.s3.ap-south-1.amazonaws.com/tracks/INNDA2600001/manifest.json"
        );
        assert_eq!(origin("https://[::1]:8443", true).address(&key, None).host, "[::1]:8443");
    }

    #[test]
    fn written_in_a_configuration() {
        let text =
            r#"[{"endpoint":"http://127.0.0.1:9000","bucket":"nada-demo","region":"r","path_style":true}]"#;
        let read: Vec<Origin> = serde_json::from_str(text).unwrap();
        assert_eq!(read[0].to_string(), "http://127.0.0.1:9000/nada-demo");
        assert!(read[0].path_style && !read[0].is_https());
        assert!(
            serde_json::from_str::<Origin>(r#"{"endpoint":"a","bucket":"nada-demo","region":"r"}"#).is_err()
        );
    }

    #[test]
    fn a_host_name_of_a_bucket_is_asked_without_a_signature() {
        let read: Origin =
            serde_json::from_str(r#"{"endpoint":"https://releases.example.com","near":["ID"]}"#).unwrap();
        assert!(!read.is_signed() && read.is_https() && origin("https://s3.example", true).is_signed());
        let key: ObjectKey = "tracks/INNDA2600001/manifest.json".parse().unwrap();
        let address = read.address(&key, Some("r=7"));
        assert_eq!(address.url, "https://releases.example.com/tracks/INNDA2600001/manifest.json?r=7");
        assert_eq!(
            (address.host.as_str(), read.to_string().as_str()),
            ("releases.example.com", "https://releases.example.com/")
        );
        // half of what a signature needs is a mistake, and no host name
        for half in [r#""bucket":"nada-demo""#, r#""region":"r""#, r#""path_style":true"#] {
            let text = format!(r#"{{"endpoint":"https://releases.example.com",{half}}}"#);
            assert!(serde_json::from_str::<Origin>(&text).is_err(), "{half}");
        }
    }

    #[test]
    fn threat_35_what_is_no_endpoint() {
        for bad in [
            "",
            "s3.example",
            "ftp://s3.example",
            "https://",
            "https://a/b",
            "https://a?x",
            "https://a#x",
            "https://u@a",
            "https://a:0",
            "https://a b",
            "https://a%2fb",
        ] {
            assert!(Origin::new(bad, "nada-demo", "r", true).is_err(), "{bad}");
        }
        for bad in ["", "ab", "a/b", "../x", "A-b", "a..b", "-ab", "a b"] {
            assert!(Origin::new("https://a", bad, "r", true).is_err(), "{bad}");
        }
        assert!(Origin::new("https://a", "nada-demo", "r/x", true).is_err());
    }

    #[test]
    fn the_nearest_by_colo_then_by_country() {
        let mumbai = origin("https://mumbai", true).near(["BOM", "IN"].map(str::to_owned));
        let jakarta = origin("https://jakarta", true).near(["CGK", "SIN", "ID"].map(str::to_owned));
        let origins = [mumbai, jakarta];
        let first = |source, colo, country| {
            order(&origins, source, colo, Country::from_code(country))[0].endpoint.authority.clone()
        };
        assert_eq!(first(Source::Nearest, Some("SIN"), "IN"), "jakarta");
        assert_eq!(first(Source::Nearest, Some("BOM"), "ID"), "mumbai");
        assert_eq!(first(Source::Nearest, Some("FRA"), "ID"), "jakarta");
        assert_eq!(first(Source::Nearest, None, "ID"), "jakarta");
        assert_eq!(first(Source::Nearest, None, "XX"), "mumbai");
        assert_eq!(first(Source::Primary, Some("SIN"), "ID"), "mumbai");
    }

    #[test]
    fn absence_is_the_primary_s_to_say() {
        assert!(settles(true, 404) && settles(true, 403) && settles(false, 206));
        assert!(!settles(false, 404) && !settles(false, 403) && !settles(true, 503) && !settles(true, 301));
    }

    #[test]
    fn an_answer_is_as_old_as_its_caches_say() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (age, seconds) in [(Some("14"), 14), (None, 0), (Some("-1"), 0), (Some("soon"), 0)] {
            assert_eq!(answered_at(now, age).as_second(), 1_800_000_000 - seconds);
        }
    }
}
