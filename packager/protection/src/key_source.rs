//! Where keys come from.

use std::fmt;

use crate::track_keys::{KeyIds, TrackKeys};

/// Which keys are wanted, and for which systems.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyRequest {
    /// What is protected: the track's identifier.
    pub content: String,
    /// Which generation of its keys, counted from 1. Raised where a key became known: the track is packaged anew.
    pub key_version: u32,
    /// Whether ClearKey (W3C Encrypted Media Extensions §9.1) is signalled beside Widevine, PlayReady and FairPlay. It guards
    /// nothing from the listener.
    pub clear_key: bool,
}

/// Where keys come from: derived from a seed, or asked of a key server.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// The names of the keys, known without asking anybody: the same for the same request, always.
    fn key_ids(&self, request: &KeyRequest) -> KeyIds;

    /// The keys. This may wait for the network, but not for ever.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn keys(&self, request: &KeyRequest) -> Result<TrackKeys, KeyError>;
}

/// Why there are no keys. No message repeats what a key server sent, since that may hold one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nobody answered, or not in time.
    #[error("the key server cannot be reached: {0}")]
    Unreachable(String),
    /// It is in trouble itself.
    #[error("the key server answered {0}: try again later")]
    Unavailable(u16),
    /// It does not know us.
    #[error("the key server refuses access ({0}): look at its credentials")]
    Refused(u16),
    /// It refuses what it was asked.
    #[error("the key server answered {0}, so it does not give keys for this: ask whoever runs it")]
    Status(u16),
    /// Its answer breaks what was asked of it.
    #[error("the key server's answer cannot be used: {0}")]
    Answer(String),
}
