//! Keys derived from a seed: nothing to store, nothing to lose.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    content_key::ContentKey,
    iv::ConstantIv,
    key_id::KeyId,
    key_source::{KeyError, KeyRequest, KeySource},
    pssh,
    seed::Seed,
    signalling::KeyTags,
    tier::Tier,
    track_keys::{KeyIds, TierKey, TrackKeys},
};

/// Keys and their names by HKDF-SHA-256 (RFC 5869) from a seed, over track, tier and key version.
///
/// ```
/// use nada_protection::{DerivedKeys, KeyRequest, KeySource as _, Seed};
///
/// let seed = Seed::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")?;
/// let request = KeyRequest { content: "INNDA2600001".into(), key_version: 1, clear_key: false };
/// let keys = DerivedKeys::new(seed).keys(&request).expect("they are computed here");
/// assert_ne!(keys.lossy.key, keys.lossless.key);
/// # Ok::<(), nada_protection::SeedError>(())
/// ```
#[derive(Clone)]
pub struct DerivedKeys {
    /// The pseudorandom key of the seed (RFC 5869 §2.2), which every key is expanded from.
    extracted: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for DerivedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKeys(hidden)")
    }
}

/// What is derived.
#[derive(Clone, Copy)]
enum Purpose {
    Key,
    KeyId,
}

impl DerivedKeys {
    /// The keys of this seed.
    pub fn new(seed: Seed) -> Self {
        let (extracted, _) = Hkdf::<Sha256>::extract(None, seed.expose());
        Self { extracted: Zeroizing::new(extracted.into()) }
    }

    fn derive(&self, purpose: Purpose, request: &KeyRequest, tier: Tier) -> Zeroizing<[u8; 16]> {
        let purpose = match purpose {
            Purpose::Key => "key",
            Purpose::KeyId => "key id",
        };
        let KeyRequest { content, key_version, .. } = request;
        let info = format!("nada protection v1|{purpose}|{content}|{tier}|{key_version}");
        let mut derived = Zeroizing::new([0; 16]);
        // HKDF takes a key of a hash's length, and refuses nothing below 255 blocks
        let expanded = Hkdf::<Sha256>::from_prk(&*self.extracted)
            .is_ok_and(|extracted| extracted.expand(info.as_bytes(), derived.as_mut()).is_ok());
        debug_assert!(expanded);
        derived
    }

    fn key_id(&self, request: &KeyRequest, tier: Tier) -> KeyId {
        KeyId::from_hash(*self.derive(Purpose::KeyId, request, tier))
    }

    /// The key of one tier and its name, without what players are told of it: what a licence needs.
    pub fn of_tier(&self, request: &KeyRequest, tier: Tier) -> (KeyId, ContentKey) {
        let key = ContentKey::from_bytes(*self.derive(Purpose::Key, request, tier));
        (self.key_id(request, tier), key)
    }

    fn tier(&self, request: &KeyRequest, tier: Tier) -> TierKey {
        let (id, key) = self.of_tier(request, tier);
        TierKey {
            id,
            key,
            iv: ConstantIv::of(&id),
            pssh: pssh::of_key(&id, request.clear_key),
            tags: KeyTags::of_key(&id, request.clear_key),
        }
    }
}

impl KeySource for DerivedKeys {
    fn key_ids(&self, request: &KeyRequest) -> KeyIds {
        let of = |tier| self.key_id(request, tier);
        KeyIds { lossy: of(Tier::Lossy), lossless: of(Tier::Lossless) }
    }

    fn keys(&self, request: &KeyRequest) -> Result<TrackKeys, KeyError> {
        let of = |tier| self.tier(request, tier);
        Ok(TrackKeys { lossy: of(Tier::Lossy), lossless: of(Tier::Lossless) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const DIGITS: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn source(digits: &str) -> DerivedKeys {
        DerivedKeys::new(Seed::parse(digits).unwrap())
    }

    fn request(content: &str, key_version: u32) -> KeyRequest {
        KeyRequest { content: content.to_owned(), key_version, clear_key: false }
    }

    #[test]
    fn keys_stay_what_they_are() {
        // by Python's hmac, written from RFC 5869: losing these values would lose every song that was packaged with them
        let keys = source(DIGITS).keys(&request("INNDA2600001", 1)).unwrap();
        assert_eq!(crate::hex::encode(keys.lossy.key.expose()), "9af173d0a1fc6999acbd787e74b52adf");
        assert_eq!(keys.lossy.id.hex(), "cb380f6c1cae807ea003bdd762abadb5");
        assert_eq!(crate::hex::encode(keys.lossless.key.expose()), "f6dc5da4bb07dce39761c5de5422fc6d");
        assert_eq!(keys.lossless.id.hex(), "98f07413202786cdae6987b77310e7d1");
        assert_eq!(keys.ids(), source(DIGITS).key_ids(&request("INNDA2600001", 1)));
        for tier in Tier::ALL {
            let of = keys.of(tier);
            assert_eq!(source(DIGITS).of_tier(&request("INNDA2600001", 1), tier), (of.id, of.key.clone()));
        }
    }

    #[test]
    fn seed_track_tier_and_version_each_make_another_key() {
        let other = DIGITS.replace("1f", "2f");
        let mut seen = BTreeSet::new();
        for digits in [DIGITS, &other] {
            for request in [request("a", 1), request("a", 2), request("b", 1), request("a", 11)] {
                let keys = source(digits).keys(&request).unwrap();
                for tier in Tier::ALL {
                    let of = keys.of(tier);
                    assert!(seen.insert(*of.key.expose()) && seen.insert(*of.id.as_bytes()));
                    assert_ne!(of.iv.as_bytes(), of.id.as_bytes());
                }
            }
        }
        assert_eq!(seen.len(), 2 * 4 * 2 * 2);
    }

    #[test]
    fn what_is_printed_of_them_holds_no_key() {
        let keys = source(DIGITS).keys(&request("a", 1)).unwrap();
        let shown = format!("{keys:?} {:?}", source(DIGITS));
        for tier in Tier::ALL {
            let key = keys.of(tier).key.expose();
            assert!(
                !shown.contains(&crate::hex::encode(key)) && !shown.contains(&format!("{key:?}")),
                "{shown}"
            );
        }
        assert!(!shown.contains(DIGITS));
    }
}
