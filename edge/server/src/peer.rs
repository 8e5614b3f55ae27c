//! Where a request comes from: the client's address and its country, believed only where a trusted proxy says them.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

use nada_edge::{Country, IpNet};

use crate::forwarded;

/// How the server knows a request's country.
#[derive(Debug, Clone)]
pub enum CountrySource {
    /// Every request comes from here.
    Fixed(Country),
    /// A trusted proxy says it in this header; what another peer says is ignored, and its country unknown.
    Header(HeaderName),
}

/// The networks whose word on a client is believed: reverse proxies of one's own.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// Whether this is one of them.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// What the server holds of the other end of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The client's own address; `None` where a trusted proxy says one that is not understood.
    pub address: Option<IpAddr>,
    /// Where it is.
    pub country: Country,
    /// `https` where a trusted proxy says so in `X-Forwarded-Proto`, else `http`, which is all that is spoken
    /// here.
    pub scheme: &'static str,
}

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Reads the client of a request that `peer` sent. The client's address is the peer's, or, where the peer is
/// trusted and names its client, what [`forwarded::client`] makes of that.
pub fn client(
    peer: SocketAddr,
    headers: &HeaderMap,
    source: &CountrySource,
    trusted: &TrustedProxies,
) -> Client {
    let peer = peer.ip().to_canonical();
    let believed = trusted.trusts(peer);
    let country = match source {
        CountrySource::Fixed(country) => *country,
        CountrySource::Header(name) if believed => {
            only(headers, name).map_or(Country::Unknown, Country::from_code)
        }
        CountrySource::Header(_) => Country::Unknown,
    };
    let forwarded_client = believed.then(|| forwarded::client(headers, |hop| trusted.trusts(hop))).flatten();
    let address = forwarded_client.unwrap_or(Some(peer));
    let secure = believed && only(headers, &FORWARDED_PROTO) == Some("https");
    Client { address, country, scheme: if secure { "https" } else { "http" } }
}

/// The header's value where there is exactly one.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, headers: &[(&'static str, &str)]) -> (String, String) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let source = CountrySource::Header(HeaderName::from_static("cf-ipcountry"));
        let trusted = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.1/32".parse().unwrap()]);
        let client = client(SocketAddr::new(peer.parse().unwrap(), 1), &headers, &source, &trusted);
        let address = client.address.map_or("nobody".to_owned(), |address| address.to_string());
        (address, client.country.code().to_owned())
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_else() {
        let headers = [("cf-ipcountry", "IN"), ("x-forwarded-for", "203.0.113.7")];
        assert_eq!(seen("127.0.0.1", &headers), ("203.0.113.7".into(), "IN".into()));
        assert_eq!(seen("::ffff:127.0.0.1", &headers), ("203.0.113.7".into(), "IN".into()));
        assert_eq!(seen("192.0.2.1", &headers), ("192.0.2.1".into(), "XX".into()));
    }

    #[test]
    fn a_client_that_is_not_understood_is_never_the_proxy() {
        let client = |hops| seen("10.0.0.1", &[("x-forwarded-for", hops)]).0;
        assert_eq!(client("1.1.1.1, 203.0.113.7, 10.1.2.3"), "203.0.113.7");
        assert_eq!(client("1.1.1.1, nonsense"), "nobody");
        assert_eq!(client(""), "nobody");
        assert_eq!(seen("10.0.0.1", &[("forwarded", "for=unknown")]).0, "nobody");
        assert_eq!(seen("10.0.0.1", &[]).0, "10.0.0.1", "it speaks for itself");
        assert_eq!(seen("192.0.2.1", &[("x-forwarded-for", "nonsense")]).0, "192.0.2.1");
    }

    #[test]
    fn a_country_said_twice_is_unknown() {
        assert_eq!(seen("10.0.0.1", &[("cf-ipcountry", "IN"), ("cf-ipcountry", "ID")]).1, "XX");
        assert_eq!(seen("10.0.0.1", &[("cf-ipcountry", "india")]).1, "XX");
    }
}
