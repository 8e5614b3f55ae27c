//! AWS Signature Version 4 in header fields, for GET without a body. Only `Host` and `x-amz-*` are signed: a
//! platform that fills its cache rewrites `Range`, `If-*` and `Accept-Encoding` on the way.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{Timestamp, tz::Offset};
use sha2::{Digest as _, Sha256};

use crate::origin::Address;

/// SHA-256 of nothing, the payload of every request here.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Read-only credentials of an origin.
#[derive(Clone)]
pub struct Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

/// Never shows the secrets.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// The header fields to add to a GET of `address` (beside `Host`, which must be `address.host`) in `region` at
/// `now`. S3 accepts them for 15 minutes.
pub fn sign(
    credentials: &Credentials,
    region: &str,
    address: &Address,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    DayKey::new(credentials, region, now).sign(address, now)
}

/// What signs a day's requests in one region. Making it takes four times the work of signing with it, so that a
/// host does well to keep one while [`DayKey::is_for`] says so.
#[derive(Clone)]
pub struct DayKey {
    /// `YYYYMMDD`
    day: String,
    region: String,
    access_key: String,
    session_token: Option<String>,
    keyed: Hmac<Sha256>,
}

/// Never shows the secrets.
impl std::fmt::Debug for DayKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DayKey").field("day", &self.day).field("region", &self.region).finish_non_exhaustive()
    }
}

impl DayKey {
    /// The key of the day (UTC) that `now` lies in.
    pub fn new(credentials: &Credentials, region: &str, now: Timestamp) -> Self {
        let day = day(&iso8601_basic(now)).to_owned();
        let secret = format!("AWS4{}", credentials.secret_key);
        let keyed = [&day, region, "s3", "aws4_request"]
            .iter()
            .fold(keyed(secret.as_bytes()), |key, part| keyed(&mac(&key, part.as_bytes())));
        Self {
            day,
            region: region.to_owned(),
            access_key: credentials.access_key.clone(),
            session_token: credentials.session_token.clone(),
            keyed,
        }
    }

    /// Whether it is of this region.
    pub fn is_of(&self, region: &str) -> bool {
        self.region == region
    }

    /// Whether it signs at `now`.
    pub fn is_for(&self, now: Timestamp) -> bool {
        self.day == day(&iso8601_basic(now))
    }

    /// As [`sign`], at a time of its day.
    pub fn sign(&self, address: &Address, now: Timestamp) -> Vec<(&'static str, String)> {
        let date = iso8601_basic(now);
        let mut fields = vec![
            // the store then says the object's checksum, where it has one
            ("x-amz-checksum-mode", "ENABLED".to_owned()),
            ("x-amz-content-sha256", EMPTY.to_owned()),
            ("x-amz-date", date.clone()),
        ];
        if let Some(token) = &self.session_token {
            fields.push(("x-amz-security-token", token.clone()));
        }
        let mut signed = vec![("host", address.host.as_str())];
        signed.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
        let query = address.query.as_deref().unwrap_or_default();
        let authorization = self.authorization(&date, &address.path, query, &signed);
        fields.push(("authorization", authorization));
        fields
    }

    /// The `Authorization` field. `signed` is sorted by lowercase name; `path` and `query` are canonical as they
    /// are (keys need no escaping, a query is one pair of letters and digits).
    fn authorization(&self, date: &str, path: &str, query: &str, signed: &[(&str, &str)]) -> String {
        let Self { day, region, access_key, .. } = self;
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let fields: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let request = format!("GET\n{path}\n{query}\n{fields}\n{names}\n{EMPTY}");
        let scope = format!("{day}/{region}/s3/aws4_request");
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let signature = hex(&mac(&self.keyed, text.as_bytes()));
        format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
    }
}

/// The day of a date.
fn day(date: &str) -> &str {
    date.get(..8).unwrap_or(date)
}

/// `YYYYMMDDTHHMMSSZ`. Written here, since jiff's `strftime` would bring locales, calendars and time zones.
fn iso8601_basic(at: Timestamp) -> String {
    let t = Offset::UTC.to_datetime(at);
    let (year, month, day) = (t.year(), t.month(), t.day());
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", t.hour(), t.minute(), t.second())
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes a key of any length (RFC 2104 §3), so that there is no other case
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

fn mac(key: &Hmac<Sha256>, message: &[u8]) -> [u8; 32] {
    key.clone().chain_update(message).finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "examplebucket.s3.amazonaws.com";

    /// The key of the day that the published examples are of.
    fn day_key(region: &str) -> DayKey {
        DayKey::new(&credentials(), region, "2013-05-24T00:00:00Z".parse().unwrap())
    }

    fn credentials() -> Credentials {
        Credentials {
            access_key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        }
    }

    /// Amazon S3 API Reference, "Signature Calculations for the Authorization Header", example "GET Object".
    #[test]
    fn the_published_get_object() {
        let signed = [
            ("host", HOST),
            ("range", "bytes=0-9"),
            ("x-amz-content-sha256", EMPTY),
            ("x-amz-date", "20130524T000000Z"),
        ];
        let found = day_key("us-east-1").authorization("20130524T000000Z", "/test.txt", "", &signed);
        assert_eq!(
            found,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, \
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
    }

    /// The same page, example "GET Bucket Lifecycle", which has a query.
    #[test]
    fn the_published_get_with_a_query() {
        let date = "20130524T000000Z";
        let signed = [("host", HOST), ("x-amz-content-sha256", EMPTY), ("x-amz-date", date)];
        let found = day_key("us-east-1").authorization(date, "/", "lifecycle=", &signed);
        assert!(
            found.ends_with(
                "SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                 Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
            ),
            "{found}"
        );
    }

    #[test]
    fn what_is_signed_is_what_is_sent() {
        let key = "changes.json".parse().unwrap();
        let origin = crate::Origin::new("https://s3.example", "nada-demo", "r", false).unwrap();
        let address = origin.address(&key, Some("t=7"));
        let now = "2013-05-24T00:00:00Z".parse().unwrap();
        let mut fields = sign(&credentials(), "r", &address, now);
        let (name, value) = fields.pop().unwrap();
        let mut signed = vec![("host", "nada-demo.s3.example")];
        signed.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
        assert!(signed.is_sorted(), "{signed:?}");
        let again = day_key("r").authorization("20130524T000000Z", "/changes.json", "t=7", &signed);
        assert_eq!((name, value), ("authorization", again));
        assert!(signed.contains(&("x-amz-checksum-mode", "ENABLED")));
    }

    #[test]
    fn a_key_signs_for_one_day_and_region() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let key = day_key("r");
        assert!(key.is_of("r") && !key.is_of("r2"));
        assert!(key.is_for(at("2013-05-24T23:59:59Z")) && !key.is_for(at("2013-05-25T00:00:00Z")));
        let address = Address { url: String::new(), host: HOST.into(), path: "/a".into(), query: None };
        let now = at("2013-05-24T12:00:00Z");
        assert_eq!(key.sign(&address, now), sign(&credentials(), "r", &address, now));
        assert!(!format!("{key:?}").contains("wJalr"));
    }

    #[test]
    fn temporary_credentials_sign_their_token() {
        let address = Address { url: String::new(), host: HOST.into(), path: "/a".into(), query: None };
        let temporary = Credentials { session_token: Some("session".into()), ..credentials() };
        let fields = sign(&temporary, "us-east-1", &address, Timestamp::UNIX_EPOCH);
        assert!(fields.contains(&("x-amz-security-token", "session".to_owned())));
        assert!(fields.last().unwrap().1.contains(";x-amz-date;x-amz-security-token, "));
        assert!(!format!("{temporary:?}").contains("session"));
        assert!(!format!("{temporary:?}").contains("wJalr"));
    }
}
