//! Paths: whatever an object key is parsed from, it prints as exactly that.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nada_release::ObjectKey;

fuzz_target!(|text: &str| {
    if let Ok(key) = text.parse::<ObjectKey>() {
        assert_eq!(key.to_string(), text);
    }
});
