//! Answers of a key server: an outcome for any, keys of the names that were asked for, and no message that repeats the answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nada_protection::{KeyError, KeyRequest, KeySource, SpekeAnswer, SpekeKeys, SpekeTransport};

/// A server that always answers the same.
struct Server<'a>(&'a [u8]);

impl std::fmt::Debug for Server<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

impl SpekeTransport for Server<'_> {
    fn post(&self, _: &str) -> Result<SpekeAnswer, KeyError> {
        Ok(SpekeAnswer { status: 200, body: self.0.to_vec().into() })
    }
}

fuzz_target!(|data: &[u8]| {
    let request = KeyRequest { content: "INNDA2600001".to_owned(), key_version: 1, clear_key: false };
    let keys = SpekeKeys::new(Server(data));
    if let Ok(found) = keys.keys(&request) {
        assert_eq!(found.ids(), keys.key_ids(&request));
    }
});
