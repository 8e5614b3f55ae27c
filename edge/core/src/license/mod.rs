//! Licences of protected tracks: who gets one is decided as for the media, from the same token, manifest and revocations, before
//! anything leaves. ClearKey's are made here, of keys derived from a seed; those of a vendor's systems by the vendor's
//! licence server, which is told what it may give.

mod admit;
mod clear_key;
mod forward;
mod jwt;
mod servers;
mod system;
mod target;
mod template;

pub use admit::{AdmittedLicense, LicensePlan, admit};
pub use clear_key::KeyGrant;
pub use forward::Forward;
pub use servers::{LicenseServers, LicenseServersError};
pub use system::LicenseSystem;
pub use target::LicenseTarget;

// what a host needs of the crate below
pub use nada_protection::{DerivedKeys, Seed, SeedError};

/// The longest licence request, in bytes: 64 KiB. Players' are of some hundred bytes up to a few thousand.
pub const MOST_ASKED: usize = 64 * 1024;

/// The longest licence, in bytes: 256 KiB. Those of vendors are of some thousand.
pub const MOST_ANSWERED: usize = 256 * 1024;

/// How long a client may take to send a licence request, in milliseconds.
pub const ASKED_MS: u32 = 10_000;

/// How long a licence server may take for the whole of its answer, in milliseconds. Players give up after 10 s or later.
pub const ANSWERED_MS: u32 = 8_000;

/// What licences are made of. Empty by default: then there is no licence of any system.
#[derive(Debug, Clone, Default)]
pub struct Licenses {
    /// The keys that ClearKey gives out.
    pub keys: Option<DerivedKeys>,
    /// Where the licences of all other systems come from.
    pub servers: LicenseServers,
}

impl Licenses {
    /// Whether there are licences of a system at all.
    pub fn has(&self, system: LicenseSystem) -> bool {
        match system {
            LicenseSystem::ClearKey => self.keys.is_some(),
            LicenseSystem::Widevine | LicenseSystem::PlayReady | LicenseSystem::FairPlay => {
                self.servers.of(system).is_some()
            }
        }
    }
}
