//! What kind of machine an address leads to, so that a playlist of the internet cannot have this machine ask its own
//! network. After the IANA registries of special-purpose addresses (RFC 6890) for IPv4 and IPv6.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// Anywhere on the internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network: RFC 1918, unique local addresses (RFC 4193), local NAT64 prefixes (RFC 8215).
    Private,
    /// The link: RFC 3927, where clouds tell a machine its credentials, and RFC 4291 §2.5.6.
    LinkLocal,
    /// The network of a provider: RFC 6598.
    Shared,
    /// Several machines, none, documentation, a tunnel or what is not assigned.
    Other,
}

impl AddressKind {
    /// The kind of an address. Of one that has an IPv4 address in it, that one's.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => v4(address),
            IpAddr::V6(address) => v6(address),
        }
    }

    /// Whether what was found at an address of this kind may name an address of `other`.
    pub fn may_name(self, other: Self) -> bool {
        other == Self::Public || other == self && self != Self::Other
    }
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "this machine",
            Self::Private => "a private network",
            Self::LinkLocal => "a link-local address",
            Self::Shared => "a provider's network",
            Self::Other => "a special address",
        })
    }
}

fn v4(address: Ipv4Addr) -> AddressKind {
    match address.octets() {
        // a connection to 0.0.0.0 reaches this machine
        [127, ..] | [0, 0, 0, 0] => AddressKind::Loopback,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] => AddressKind::Private,
        [169, 254, ..] => AddressKind::LinkLocal,
        [100, 64..=127, ..] => AddressKind::Shared,
        [0 | 224..=255, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => AddressKind::Other,
        _ => AddressKind::Public,
    }
}

fn v6(address: Ipv6Addr) -> AddressKind {
    let within = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => AddressKind::Loopback,
        // mapped and translated (RFC 4291 §2.5.5.2, RFC 2765)
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => within(high, low),
        // NAT64 (RFC 6052)
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => within(high, low),
        [0x64, 0xff9b, 1, ..] => AddressKind::Private,
        // 6to4 (RFC 3056)
        [0x2002, high, low, ..] => within(high, low),
        [0xfc00..=0xfdff, ..] => AddressKind::Private,
        // site-local addresses (RFC 3879) are no longer any, and still used
        [0xfec0..=0xfeff, ..] => AddressKind::Private,
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        // Teredo and the other assignments of protocols, documentation
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => AddressKind::Other,
        // an interface that tunnels to an IPv4 address (ISATAP, RFC 5214)
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] if within(high, low) != AddressKind::Public => {
            within(high, low)
        }
        [0x2000..=0x3fff, ..] => AddressKind::Public,
        _ => AddressKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_addresses() {
        use AddressKind::{LinkLocal, Loopback, Other, Private, Public, Shared};
        for (kind, addresses) in [
            (
                Public,
                "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 192.0.3.1 198.20.0.1 223.255.255.255",
            ),
            (
                Public,
                "2606:4700::1111 2a00::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1 2001:4860:4860::8888",
            ),
            (
                Loopback,
                "127.0.0.1 127.255.255.254 0.0.0.0 :: ::1 ::ffff:127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1",
            ),
            (Loopback, "2002:7f00:1::1 2a00::5efe:127.0.0.1"),
            (Private, "10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fdff::1 fec0::1 64:ff9b:1::1"),
            (Private, "::ffff:10.0.0.1 64:ff9b::a00:1 2002:c0a8:1::"),
            (LinkLocal, "169.254.169.254 fe80::1 febf::1 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe"),
            (Shared, "100.64.0.1 100.127.255.255 ::ffff:100.64.0.1"),
            (
                Other,
                "0.1.2.3 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 255.255.255.255",
            ),
            (Other, "ff02::1 2001::1 2001:db8::1 3fff::1 5f00::1 100::1 ::127.0.0.1 4000::1"),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(AddressKind::of(address.parse().unwrap()), kind, "{address}");
            }
        }
    }

    #[test]
    fn a_presentation_names_its_own_kind_and_the_internet() {
        for from in [
            AddressKind::Public,
            AddressKind::Loopback,
            AddressKind::Private,
            AddressKind::LinkLocal,
            AddressKind::Shared,
            AddressKind::Other,
        ] {
            assert!(from.may_name(AddressKind::Public));
            for to in
                [AddressKind::Loopback, AddressKind::Private, AddressKind::LinkLocal, AddressKind::Shared]
            {
                assert_eq!(from.may_name(to), from == to, "{from} {to}");
            }
            assert!(!from.may_name(AddressKind::Other));
        }
    }
}
