//! How many connections one address has.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// The part of an IPv6 address that names a network: a client in it has all of its 2⁶⁴ addresses (RFC 4291 §2.5.4).
const NETWORK: u128 = !0 << 64;

/// The connections of each address.
#[derive(Debug)]
pub struct Addresses {
    most: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's slot, until dropped.
#[derive(Debug)]
pub struct ConnectionSlot {
    addresses: Arc<Addresses>,
    of: IpAddr,
}

impl Addresses {
    /// So many for each address; of IPv6, for each network of 64 bits.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default() })
    }

    /// A slot for a connection from there; `None` where all are taken.
    pub fn slot(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionSlot> {
        let of = match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & NETWORK).into(),
            v4 => v4,
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.get(&of).copied().unwrap_or_default();
        if count >= self.most {
            return None;
        }
        open.insert(of, count + 1);
        Some(ConnectionSlot { addresses: Arc::clone(self), of })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.addresses.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.of) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.of)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_places_and_gives_them_back() {
        let addresses = Addresses::new(2);
        let slot = |address: &str| addresses.slot(address.parse().unwrap());
        let held = [slot("192.0.2.1"), slot("::ffff:192.0.2.1"), slot("192.0.2.2")];
        assert!(held.iter().all(Option::is_some));
        assert!(slot("192.0.2.1").is_none());
        drop(held);
        assert!(addresses.open.lock().unwrap().is_empty());
        assert!(slot("192.0.2.1").is_some());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let addresses = Addresses::new(1);
        let slot = |address: &str| addresses.slot(address.parse().unwrap());
        let held = slot("2001:db8:0:1::1");
        assert!(held.is_some() && slot("2001:db8:0:1:ffff::2").is_none());
        assert!(slot("2001:db8:0:2::1").is_some());
    }
}
