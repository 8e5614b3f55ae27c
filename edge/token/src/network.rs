//! catnip items (CTA-5007): addresses and prefixes of RFC 9164.

use crate::cbor::{ARRAY, BYTES, CborReader, CborWriter};
use crate::refusal::Reason;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

const IPV4: u64 = 52;
const IPV6: u64 = 54;

/// An address or a prefix (RFC 9164 §3). An AS number is refused (nothing here knows the client's), and so are
/// the interface form and bits beyond the prefix; trailing zero bytes, which the RFC omits, are tolerated.
pub(crate) fn read(r: &mut CborReader<'_>, claim: &'static str) -> Result<IpNet, Reason> {
    let bad = Reason::Claim(claim);
    let width = match r.tag().map_err(|_| bad)? {
        IPV4 => 4,
        IPV6 => 16,
        _ => return Err(bad),
    };
    let (bits, bytes) = match r.peek()? {
        BYTES => {
            let bytes = r.bytes(width)?;
            (width * 8, if bytes.len() == width { bytes } else { return Err(bad) })
        }
        ARRAY if r.array(2)? == 2 => (usize::try_from(r.uint()?).map_err(|_| bad)?, r.bytes(width)?),
        _ => return Err(bad),
    };
    let bits = u8::try_from(bits).map_err(|_| bad)?;
    let mut octets = [0; 16];
    octets.iter_mut().zip(bytes).for_each(|(octet, byte)| *octet = *byte);
    let network = if width == 4 {
        let [a, b, c, d, ..] = octets;
        Ipv4Net::new(Ipv4Addr::new(a, b, c, d), bits).map(IpNet::V4)
    } else {
        Ipv6Net::new(Ipv6Addr::from(octets), bits).map(IpNet::V6)
    };
    network.ok().filter(|network| network.trunc() == *network).ok_or(bad)
}

/// As RFC 9164 has it: an address where the prefix is all of it, else a prefix without trailing zero bytes.
pub(crate) fn write(w: &mut CborWriter, network: &IpNet) {
    let (tag, octets) = match network {
        IpNet::V4(v4) => (IPV4, v4.addr().octets().to_vec()),
        IpNet::V6(v6) => (IPV6, v6.addr().octets().to_vec()),
    };
    w.tag(tag);
    if network.prefix_len() == network.max_prefix_len() {
        w.bytes(&octets);
    } else {
        let significant = octets.iter().rposition(|octet| *octet != 0).map_or(0, |i| i + 1);
        w.array(2).uint(network.prefix_len().into()).bytes(octets.get(..significant).unwrap_or(&octets));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_rfc_9164() {
        let shown = |bytes: &[u8]| {
            let mut r = CborReader::new(bytes);
            read(&mut r, "catnip").map(|network| network.to_string())
        };
        let v6 = [&[0xd8, 54, 0x50, 0x20, 0x01, 0x0d, 0xb8][..], &[0x12, 0x34], &[0; 10]].concat();
        assert_eq!(shown(&v6).unwrap(), "2001:db8:1234::/128");
        let prefix = [0xd8, 54, 0x82, 0x18, 0x30, 0x46, 0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34];
        assert_eq!(shown(&prefix).unwrap(), "2001:db8:1234::/48");
        assert_eq!(shown(&[0xd8, 52, 0x44, 192, 0, 2, 1]).unwrap(), "192.0.2.1/32");
        assert_eq!(shown(&[0xd8, 52, 0x82, 0x18, 24, 0x43, 192, 0, 2]).unwrap(), "192.0.2.0/24");
        assert_eq!(shown(&[0xd8, 52, 0x82, 0x18, 24, 0x44, 192, 0, 2, 0]).unwrap(), "192.0.2.0/24");
        assert_eq!(shown(&[0xd8, 52, 0x82, 0x00, 0x40]).unwrap(), "0.0.0.0/0");
        for bad in [
            &[0x19, 0xfd, 0xe8][..],
            &[0xd8, 52, 0x43, 192, 0, 2],
            &[0xd8, 52, 0x82, 0x18, 33, 0x44, 192, 0, 2, 1],
            &[0xd8, 52, 0x82, 0x18, 24, 0x44, 192, 0, 2, 1],
            &[0xd8, 52, 0x82, 0x44, 192, 0, 2, 1, 0x18, 24],
            &[0xd8, 53, 0x44, 192, 0, 2, 1],
            &[0x6b, b'1', b'9', b'2', b'.', b'0', b'.', b'2', b'.', b'0', b'/', b'8'],
        ] {
            assert!(shown(bad).is_err(), "{bad:02x?}");
        }
    }
}
