//! The key systems that licences are asked for.

use std::str::FromStr;

/// A key system, by its name in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LicenseSystem {
    /// `clearkey`: `org.w3.clearkey` (W3C Encrypted Media Extensions §9.1). Its licence is the key itself.
    ClearKey,
    /// `widevine`: `com.widevine.alpha`.
    Widevine,
    /// `playready`: `com.microsoft.playready`.
    PlayReady,
    /// `fairplay`: `com.apple.fps`.
    FairPlay,
}

impl LicenseSystem {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ClearKey, Self::Widevine, Self::PlayReady, Self::FairPlay];

    /// Its name in the path and in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClearKey => "clearkey",
            Self::Widevine => "widevine",
            Self::PlayReady => "playready",
            Self::FairPlay => "fairplay",
        }
    }

    /// The media type of a licence request, as its licence servers want it.
    pub(super) fn asked_type(self) -> &'static str {
        match self {
            Self::ClearKey => "application/json",
            Self::PlayReady => "text/xml; charset=utf-8",
            Self::Widevine | Self::FairPlay => "application/octet-stream",
        }
    }

    /// The media type of a licence. One of its own for each system, whatever a licence server says, so that no answer of it
    /// is a page of the edge's host.
    pub(super) fn answered_type(self) -> &'static str {
        match self {
            Self::ClearKey => "application/json",
            Self::PlayReady => "text/xml; charset=utf-8",
            Self::Widevine | Self::FairPlay => "application/octet-stream",
        }
    }
}

impl FromStr for LicenseSystem {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|system| system.name() == text).ok_or(())
    }
}
