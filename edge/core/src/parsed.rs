//! Mutable objects as they were last understood. A copy that is read anew most often has the same bytes, and
//! comparing them costs a fraction of parsing them.

use std::{collections::VecDeque, sync::Arc};

use nada_catalog::{Changes, Manifest, Revocations, from_json};
use serde::de::DeserializeOwned;

/// Manifests that are kept: those of the tracks that one isolate plays.
const MANIFESTS: usize = 32;
/// A longer manifest is not worth the memory, in bytes.
const MAX_MANIFEST: usize = 64 * 1024;

/// What a host keeps between requests and lends to [`crate::Fetch::understood`]. It changes no answer: what is
/// found is what parsing the same bytes would give.
#[derive(Debug, Default)]
pub struct Parsed {
    manifests: Kept<Manifest>,
    changes: Kept<Changes>,
    revocations: Kept<Revocations>,
}

#[derive(Debug)]
struct Kept<T>(VecDeque<(Vec<u8>, Arc<T>)>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl Parsed {
    pub(crate) fn manifest(&mut self, body: &[u8]) -> Option<Arc<Manifest>> {
        self.manifests.read(body, if body.len() > MAX_MANIFEST { 0 } else { MANIFESTS })
    }

    pub(crate) fn changes(&mut self, body: &[u8]) -> Option<Arc<Changes>> {
        self.changes.read(body, 1)
    }

    pub(crate) fn revocations(&mut self, body: &[u8]) -> Option<Arc<Revocations>> {
        self.revocations.read(body, 1)
    }
}

impl<T: DeserializeOwned> Kept<T> {
    /// The object in `body`, `None` where it is not understood. It is kept, as one of `most` at most.
    fn read(&mut self, body: &[u8], most: usize) -> Option<Arc<T>> {
        if let Some((_, value)) = self.0.iter().find(|(bytes, _)| bytes == body) {
            return Some(Arc::clone(value));
        }
        let value = Arc::new(from_json(body).ok()?);
        if most > 0 {
            while self.0.len() >= most {
                self.0.pop_front();
            }
            self.0.push_back((body.to_owned(), Arc::clone(&value)));
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(floor: u64) -> Vec<u8> {
        format!(r#"{{"format":2,"floor":{floor},"entries":[]}}"#).into_bytes()
    }

    #[test]
    fn the_same_bytes_are_parsed_once_and_others_are_not_mistaken_for_them() {
        let mut parsed = Parsed::default();
        let first = parsed.changes(&changes(7)).unwrap();
        assert!(Arc::ptr_eq(&first, &parsed.changes(&changes(7)).unwrap()));
        assert_eq!(parsed.changes(&changes(8)).unwrap().floor, 8);
        assert_eq!(parsed.changes(&changes(7)).unwrap().floor, 7);
        assert!(parsed.changes(b"{").is_none());
        assert_eq!(parsed.changes.0.len(), 1);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Kept::<Changes>::default();
        for floor in 0..100 {
            assert_eq!(kept.read(&changes(floor), 4).unwrap().floor, floor);
        }
        assert_eq!(kept.0.len(), 4);
        assert_eq!(kept.read(&changes(200), 0).unwrap().floor, 200);
        assert_eq!(kept.0.len(), 4);
    }
}
