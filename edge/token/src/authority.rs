//! Hosts and ports of a URL or a `Host` field.

use std::net::Ipv6Addr;

/// Splits a `Host` header into host and port (RFC 9110 §7.2). `None` if the host is neither a name of letters,
/// digits, `-`, `.` and `_` nor an address (IPv6 in brackets), or the port not 1 to 65535 in decimal.
pub fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = authority.rfind(']').map_or(0, |i| i + 1);
    let (host, port) = match authority.get(host_end..)?.find(':') {
        None => (authority, None),
        Some(colon) => {
            let (host, port) = authority.split_at_checked(host_end + colon)?;
            let port = port.strip_prefix(':')?;
            let decimal = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
            (host, Some(port.parse().ok().filter(|_| decimal)?))
        }
    };
    plain_host(host).map(|host| (host, port))
}

/// A host alone: no port, user or path rides along. IPv6 literals are in brackets.
pub(crate) fn plain_host(host: &str) -> Option<&str> {
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let plain = match inner {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
        None => host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')),
    };
    (plain && !host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_16_authorities() {
        assert_eq!(split_authority("cdn.example"), Some(("cdn.example", None)));
        assert_eq!(split_authority("cdn.example:8443"), Some(("cdn.example", Some(8443))));
        assert_eq!(split_authority("[2001:db8::1]:80"), Some(("[2001:db8::1]", Some(80))));
        assert_eq!(split_authority("[2001:db8::1]"), Some(("[2001:db8::1]", None)));
        for bad in ["", ":80", "a:", "a:0", "a:080", "a:+80", "a:65536", "a:1:2", "u@a", "u:p@a", "::1"] {
            assert_eq!(split_authority(bad), None, "{bad}");
        }
        // what is no host is not one either where no rule looks at it
        for bad in
            ["a/b", "a b", "a,b", "a%2eb", "a]b:80", "[::1]x", "[::1]x:80", "[1:2]", "[a]", "[]", "a\u{e9}"]
        {
            assert_eq!(split_authority(bad), None, "{bad}");
        }
    }
}
