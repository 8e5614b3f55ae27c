//! `pssh`: what a DRM system is told by a file (ISO/IEC 23001-7 §8.1).

use std::fmt;

use crate::{key_id::KeyId, playready, widevine};

/// A DRM system, by the UUID that the DASH Industry Forum lists it under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SystemId {
    /// Widevine.
    Widevine,
    /// PlayReady.
    PlayReady,
    /// FairPlay Streaming, which reads no `pssh`.
    FairPlay,
    /// The common system of the W3C, which ClearKey reads ("cenc" Initialization Data Format §4).
    Common,
}

impl SystemId {
    /// The UUID's bytes.
    pub fn as_bytes(self) -> [u8; 16] {
        let uuid: u128 = match self {
            Self::Widevine => 0xedef8ba9_79d6_4ace_a3c8_27dcd51d21ed,
            Self::PlayReady => 0x9a04f079_9840_4286_ab92_e65be0885f95,
            Self::FairPlay => 0x94ce86fb_07ff_4f43_adb8_93d2fa968ca2,
            Self::Common => 0x1077efec_c0b2_4d02_ace3_3c1e52e2fb4b,
        };
        uuid.to_be_bytes()
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Widevine => "Widevine",
            Self::PlayReady => "PlayReady",
            Self::FairPlay => "FairPlay",
            Self::Common => "ClearKey",
        }
    }
}

/// As a UUID.
impl fmt::Display for SystemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        KeyId::from_bytes(self.as_bytes()).fmt(f)
    }
}

/// A `pssh` box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PsshBox<'a> {
    /// The UUID of its system.
    pub system: [u8; 16],
    /// The keys it names; a box that names none is of version 0, else of version 1.
    pub key_ids: Vec<KeyId>,
    /// What it says in the system's own words.
    pub data: &'a [u8],
}

impl<'a> PsshBox<'a> {
    /// The bytes of the box.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = vec![u8::from(!self.key_ids.is_empty()), 0, 0, 0];
        body.extend(self.system);
        if !self.key_ids.is_empty() {
            body.extend((self.key_ids.len() as u32).to_be_bytes());
            self.key_ids.iter().for_each(|id| body.extend(id.as_bytes()));
        }
        body.extend((self.data.len() as u32).to_be_bytes());
        body.extend(self.data);
        [&(body.len() as u32 + 8).to_be_bytes(), b"pssh".as_slice(), &body].concat()
    }

    /// Reads bytes that are one box and nothing else; `None` for all others.
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk()?;
        let rest = rest.strip_prefix(b"pssh")?;
        let (version, rest) = rest.split_first_chunk::<4>()?;
        let (system, mut rest) = rest.split_first_chunk()?;
        let mut key_ids = Vec::new();
        match version {
            [0, ..] => {}
            [1, ..] => {
                let (count, after) = rest.split_first_chunk()?;
                let length = usize::try_from(u32::from_be_bytes(*count)).ok()?.checked_mul(16)?;
                let (ids, after) = after.split_at_checked(length)?;
                key_ids.extend(ids.as_chunks().0.iter().map(|id| KeyId::from_bytes(*id)));
                rest = after;
            }
            _ => return None,
        }
        let (length, data) = rest.split_first_chunk()?;
        let whole = usize::try_from(u32::from_be_bytes(*size)).ok()? == bytes.len()
            && usize::try_from(u32::from_be_bytes(*length)).ok()? == data.len();
        whole.then_some(Self { system: *system, key_ids, data })
    }
}

/// The box of Widevine for a key.
pub fn widevine_box(key: &KeyId) -> Vec<u8> {
    let data = widevine::data(key);
    PsshBox { system: SystemId::Widevine.as_bytes(), key_ids: Vec::new(), data: &data }.encode()
}

/// The box of the common system for a key.
pub fn common_box(key: &KeyId) -> Vec<u8> {
    PsshBox { system: SystemId::Common.as_bytes(), key_ids: vec![*key], data: &[] }.encode()
}

/// The boxes of a key for a header: of Widevine and PlayReady in version 0, as their players know it, and of the common
/// system where ClearKey is asked for.
pub fn of_key(key: &KeyId, clear_key: bool) -> Vec<u8> {
    let object = playready::object(key);
    let playready = PsshBox { system: SystemId::PlayReady.as_bytes(), key_ids: Vec::new(), data: &object };
    let mut boxes = [widevine_box(key), playready.encode()].concat();
    if clear_key {
        boxes.extend(common_box(key));
    }
    boxes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_known_by_their_uuids() {
        assert_eq!(SystemId::Widevine.to_string(), "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed");
        assert_eq!(SystemId::PlayReady.to_string(), "9a04f079-9840-4286-ab92-e65be0885f95");
        assert_eq!(SystemId::FairPlay.to_string(), "94ce86fb-07ff-4f43-adb8-93d2fa968ca2");
        assert_eq!(SystemId::Common.to_string(), "1077efec-c0b2-4d02-ace3-3c1e52e2fb4b");
    }

    #[test]
    fn boxes_read_as_they_are_written() {
        let key = KeyId::from_bytes(*b"0123456789abcdef");
        let boxes = of_key(&key, true);
        let mut rest = boxes.as_slice();
        let mut systems = Vec::new();
        while let Some(size) = rest.first_chunk() {
            let (one, after) = rest.split_at(u32::from_be_bytes(*size) as usize);
            let read = PsshBox::decode(one).unwrap();
            assert_eq!(read.encode(), one);
            systems.push((read.system, read.key_ids.len(), read.data.len()));
            rest = after;
        }
        let [widevine, playready, common] = systems.as_slice() else { panic!("{systems:?}") };
        assert_eq!(*widevine, (SystemId::Widevine.as_bytes(), 0, 24));
        assert_eq!((playready.0, playready.1), (SystemId::PlayReady.as_bytes(), 0));
        assert_eq!(*common, (SystemId::Common.as_bytes(), 1, 0));
        assert!(boxes.starts_with(&of_key(&key, false)));
    }

    #[test]
    fn what_is_no_box_or_more_than_one_is_told() {
        let one = widevine_box(&KeyId::from_bytes([1; 16]));
        assert!(PsshBox::decode(&one).is_some());
        for end in 0..one.len() {
            assert_eq!(PsshBox::decode(&one[..end]), None, "{end}");
        }
        assert_eq!(PsshBox::decode(&[one.clone(), vec![0]].concat()), None);
        assert_eq!(PsshBox::decode(&of_key(&KeyId::from_bytes([1; 16]), false)), None);
        let mut other = one.clone();
        other[8] = 2;
        assert_eq!(PsshBox::decode(&other), None);
    }
}
