//! The protection of one rendition: its key, and which of its segments are encrypted.

use nada_protection::{
    ClearLead, Protection, ProtectionTerms, SampleCipher, Scheme, Tier, TierKey, TrackKeys,
};

use crate::{
    cmaf::{Samples, TrackProtection},
    error::PackageError,
    playlist::Keys,
};

/// How one rendition is protected.
#[derive(Debug, Clone)]
pub struct Protected {
    scheme: Scheme,
    lead: ClearLead,
    key: TierKey,
    cipher: SampleCipher,
}

impl Protected {
    /// The protection of the renditions of one tier.
    ///
    /// # Errors
    /// [`PackageError::NoKeys`] where `keys` are none, or are not those that the protection names.
    pub fn of(protection: &Protection, keys: Option<&TrackKeys>, tier: Tier) -> Result<Self, PackageError> {
        let wanted = protection.key_ids.of(tier);
        let key = keys.map(|keys| keys.of(tier)).filter(|key| key.id == wanted);
        let key = key.ok_or(PackageError::NoKeys(wanted))?.clone();
        let cipher = SampleCipher::new(&key.key, key.iv);
        let ProtectionTerms { scheme, lead, .. } = protection.terms;
        Ok(Self { scheme, lead, key, cipher })
    }

    /// How the samples of the segment of that number, counted from 0, lie in it.
    pub fn samples(&self, segment: u32) -> Samples<'_> {
        if segment < self.lead.segments() { Samples::Clear } else { Samples::Encrypted(&self.cipher) }
    }

    /// What the header states.
    pub fn track(&self) -> TrackProtection<'_> {
        TrackProtection { scheme: self.scheme, lead: self.lead, key: &self.key }
    }

    /// What the media playlist states.
    pub fn playlist(&self) -> Keys {
        Keys { lead: self.lead.segments(), tags: self.key.tags.media.clone() }
    }
}

#[cfg(test)]
mod tests {
    use nada_protection::{DerivedKeys, KeySource as _, Seed};

    use super::*;

    #[test]
    fn keys_that_are_not_those_named_are_refused() {
        let seed = Seed::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").unwrap();
        let source = DerivedKeys::new(seed);
        let terms = |key_version| ProtectionTerms { key_version, ..ProtectionTerms::of(Scheme::Cbcs) };
        let keys = |key_version| source.keys(&terms(key_version).request("a")).unwrap();
        let protection = terms(1).protection("a", &source);
        let of = |keys: Option<&TrackKeys>| Protected::of(&protection, keys, Tier::Lossless);
        let right = of(Some(&keys(1))).unwrap();
        assert_eq!(right.playlist().lead, 2);
        assert!(
            matches!(right.samples(1), Samples::Clear) && matches!(right.samples(2), Samples::Encrypted(_))
        );
        for wrong in [None, Some(&keys(2))] {
            let error = of(wrong).unwrap_err();
            assert!(error.to_string().contains(&protection.key_ids.lossless.to_string()), "{error}");
        }
    }
}
