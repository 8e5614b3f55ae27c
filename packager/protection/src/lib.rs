#![doc = include_str!("../README.md")]

mod cbcs;
mod content_key;
mod derived;
mod hex;
mod iv;
mod key_id;
mod key_source;
mod playready;
mod protection;
mod pssh;
mod scheme;
mod seed;
mod signalling;
mod speke;
mod terms;
mod tier;
mod track_keys;
mod widevine;

pub use cbcs::SampleCipher;
pub use content_key::ContentKey;
pub use derived::DerivedKeys;
pub use iv::ConstantIv;
pub use key_id::{KeyId, KeyIdError};
pub use key_source::{KeyError, KeyRequest, KeySource};
pub use protection::{Protection, ProtectionError};
pub use pssh::{PsshBox, SystemId};
pub use scheme::{ClearLead, ClearLeadError, Scheme, SchemeError};
pub use seed::{Seed, SeedError};
pub use signalling::{KeyTags, NO_KEY};
pub use speke::{MOST_ANSWER, SPEKE_VERSION, SpekeAnswer, SpekeKeys, SpekeTransport};
pub use terms::{ProtectionTerms, TermsError};
pub use tier::Tier;
pub use track_keys::{KeyIds, TierKey, TrackKeys};
