//! What proxies write of those they speak for: `X-Forwarded-For`, and `Forwarded` (RFC 7239).

use std::{
    iter,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use http::{HeaderMap, HeaderName, header::FORWARDED};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client that proxies speak for. The hops of each field are read from the nearest outwards, byte by byte, as far as
/// they are `trusted`; further out anyone may have written them. `None` where neither field is there; else the first
/// address that is not trusted, or the last one that is, or `None` in turn where a hop on the way is no address, such as
/// `unknown`, and where the two fields differ.
pub fn client(headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> Option<Option<IpAddr>> {
    let listed = outermost(hops(headers, &FORWARDED_FOR, node), &trusted);
    let described = outermost(hops(headers, &FORWARDED, element), &trusted);
    match (listed, described) {
        (Some(one), Some(other)) => Some(one.filter(|_| one == other)),
        (one, other) => one.or(other),
    }
}

/// The first hop that is not trusted; where all are, the last. `None` where there is none.
fn outermost(
    mut hops: impl Iterator<Item = Option<IpAddr>>,
    trusted: impl Fn(IpAddr) -> bool,
) -> Option<Option<IpAddr>> {
    let mut outermost = hops.next()?;
    while outermost.is_some_and(&trusted) {
        match hops.next() {
            Some(hop) => outermost = hop,
            None => break,
        }
    }
    Some(outermost)
}

/// The hops in all lines of a field, from the nearest outwards.
fn hops(
    headers: &HeaderMap,
    field: &HeaderName,
    read: impl Fn(&[u8]) -> Option<IpAddr>,
) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<&[u8]> = headers.get_all(field).iter().map(|value| value.as_bytes()).collect();
    lines.into_iter().rev().flat_map(|line| parts(line, b',')).map(move |hop| read(hop.trim_ascii()))
}

/// The parts between separators that no quotes surround, from the right. A quote that is missing on the left then spoils
/// nothing on the right.
fn parts(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    iter::from_fn(move || {
        let line = rest?;
        let mut quoted = false;
        let at = line.iter().rposition(|byte| {
            quoted ^= *byte == b'"';
            *byte == separator && !quoted
        });
        let (left, part) = match at {
            Some(at) => (Some(&line[..at]), &line[at + 1..]),
            None => (None, line),
        };
        rest = left;
        Some(part)
    })
}

/// The `for` of one element of `Forwarded` (RFC 7239 §4), which stands there once.
fn element(element: &[u8]) -> Option<IpAddr> {
    let mut found = parts(element, b';').filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii());
        name.eq_ignore_ascii_case(b"for").then_some(value)
    });
    let value = found.next()?;
    if found.next().is_some() { None } else { node(value) }
}

/// One address (RFC 7239 §6), in the forms that proxies write: with a port, an IPv6 address with or without brackets and
/// zone, and all of it in quotes.
fn node(node: &[u8]) -> Option<IpAddr> {
    let inner = node.strip_prefix(b"\"").and_then(|node| node.strip_suffix(b"\"")).unwrap_or(node);
    let text = str::from_utf8(inner).ok()?;
    let address = if let Some(bracketed) = text.strip_prefix('[') {
        let (address, after) = bracketed.split_once(']')?;
        after.strip_prefix(':').map_or(after.is_empty(), is_port).then(|| v6(address))??
    } else {
        match text.split_once(':') {
            None => text.parse::<Ipv4Addr>().ok()?.into(),
            Some((address, port)) if !port.contains(':') => {
                is_port(port).then(|| address.parse::<Ipv4Addr>().ok())??.into()
            }
            Some(_) => v6(text)?,
        }
    };
    Some(address.to_canonical())
}

/// An IPv6 address, perhaps with its zone (RFC 4007 §11).
fn v6(text: &str) -> Option<IpAddr> {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let named = !zone.is_empty() && zone.bytes().all(|byte| byte.is_ascii_graphic());
    address.parse::<Ipv6Addr>().ok().filter(|_| named).map(IpAddr::from)
}

/// A port, or a word that stands for one.
fn is_port(port: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match port.strip_prefix('_') {
        Some(hidden) => !hidden.is_empty() && hidden.bytes().all(word),
        None => port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn forms_that_proxies_write() {
        for (text, address) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:52100", "203.0.113.7"),
            ("\"203.0.113.7:52100\"", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("2001:DB8:0:0:0:0:0:7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("\"[2001:db8::7]:_gazonk\"", "2001:db8::7"),
            ("fe80::7%eth0", "fe80::7"),
            ("[fe80::7%25eth0]:80", "fe80::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
        ] {
            assert_eq!(node(text.as_bytes()), Some(address.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_address() {
        let odd: [&[u8]; 4] = [b"\xff", b"203.0.113.7\xff", b"203.0.113.7\0", "２０３.0.113.7".as_bytes()];
        for bytes in odd {
            assert_eq!(node(bytes), None, "{bytes:?}");
        }
        for text in [
            "",
            "\"",
            "\"\"",
            "unknown",
            "_hidden",
            "-",
            "localhost",
            "203.0.113",
            "203.0.113.07",
            "203.0.113.256",
            "203.0.113.7/32",
            "203.0.113.7 198.51.100.1",
            "203.0.113.7:",
            "203.0.113.7:65536",
            "203.0.113.7:+80",
            "203.0.113.7:80:80",
            "203.0.113.7%eth0",
            "\"203.0.113.7",
            "203.0.113.7\"",
            "[203.0.113.7]",
            "[2001:db8::7",
            "2001:db8::7]",
            "[2001:db8::7]80",
            "[2001:db8::7]:",
            "[[2001:db8::7]]",
            "2001:db8:0:0:0:0:0:7:80",
            "fe80::7%",
            "fe80::7%a b",
            "0xcb.0.113.7",
            "3405803783",
        ] {
            assert_eq!(node(text.as_bytes()), None, "{text}");
        }
    }

    /// Behind proxies of 10.0.0.0/8.
    fn seen(fields: &[(&'static str, &[u8])]) -> Option<Option<String>> {
        let headers: HeaderMap = (fields.iter())
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap()))
            .collect();
        let trusted = |address: IpAddr| matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 10);
        client(&headers, trusted).map(|found| found.map(|address| address.to_string()))
    }

    fn listed(lines: &[&[u8]]) -> Option<Option<String>> {
        seen(&lines.iter().map(|line| ("x-forwarded-for", *line)).collect::<Vec<_>>())
    }

    fn described(line: &str) -> Option<String> {
        seen(&[("forwarded", line.as_bytes())]).unwrap()
    }

    #[test]
    fn hops_are_read_from_the_nearest_outwards() {
        let client = || Some(Some("203.0.113.7".to_owned()));
        assert_eq!(listed(&[]), None);
        assert_eq!(listed(&[b"1.1.1.1, 203.0.113.7, 10.1.2.3", b"10.9.9.9"]), client());
        // what stands further out may be anything
        for before in [&b"\xff"[..], b"\"", b"unknown", b",,", b"1.1.1.1", b"10.0.0.1, \xff"] {
            assert_eq!(listed(&[&[before, b", 203.0.113.7:80"].concat()]), client(), "{before:?}");
            assert_eq!(listed(&[before, b" 203.0.113.7 ,\t10.1.1.1"]), client(), "{before:?}");
        }
        assert_eq!(listed(&[b"10.1.1.1, 10.2.2.2"]), Some(Some("10.1.1.1".to_owned())));
    }

    #[test]
    fn a_hop_that_is_not_understood_is_nobody() {
        for line in
            [&b""[..], b" ", b",", b"\xff", b"unknown", b"_secret", b"203.0.113.7,", b"203.0.113.7, \xff"]
        {
            assert_eq!(listed(&[line]), Some(None), "{line:?}");
            assert_eq!(listed(&[&[line, b", 10.1.1.1"].concat()]), Some(None), "{line:?}");
            assert_eq!(listed(&[&b"203.0.113.7"[..], line]), Some(None), "{line:?}");
        }
    }

    #[test]
    fn forwarded_of_rfc_7239() {
        for line in [
            "for=203.0.113.7",
            "For=\"203.0.113.7:4711\"",
            "for=198.51.100.1, for=203.0.113.7;proto=https;by=10.1.1.1",
            "proto=https;for=203.0.113.7, for=10.1.1.1",
            "for=\"_a, for=198.51.100.1\", FOR = 203.0.113.7",
            "for=\"x, for=203.0.113.7",
        ] {
            assert_eq!(described(line).as_deref(), Some("203.0.113.7"), "{line}");
        }
        assert_eq!(described("for=\"[2001:db8:cafe::17]:4711\"").as_deref(), Some("2001:db8:cafe::17"));
        for line in [
            "",
            "for=unknown",
            "for=_hidden",
            "proto=https",
            "203.0.113.7",
            "for=203.0.113.7;for=198.51.100.1",
            "for=203.0.113.7, proto=https",
            "for=2001:db8::7x",
        ] {
            assert_eq!(described(line), None, "{line}");
        }
    }

    #[test]
    fn two_fields_that_differ_are_nobody() {
        let both = |listed: &'static [u8], described: &'static [u8]| {
            seen(&[("x-forwarded-for", listed), ("forwarded", described)])
        };
        assert_eq!(both(b"203.0.113.7", b"for=203.0.113.7:80"), Some(Some("203.0.113.7".to_owned())));
        assert_eq!(both(b"203.0.113.7", b"for=10.0.0.1"), Some(None));
        assert_eq!(both(b"203.0.113.7", b"for=unknown"), Some(None));
        assert_eq!(both(b"\xff", b"for=203.0.113.7"), Some(None));
    }
}
