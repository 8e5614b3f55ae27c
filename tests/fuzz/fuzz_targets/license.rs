//! Licence requests in JSON: whatever is asked for, no key is given but that of the tier which was granted, and the answer is
//! JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nada_edge::{
    Body,
    license::{DerivedKeys, KeyGrant, LicenseServers, LicenseTarget, Seed},
};
use nada_protection::{ProtectionTerms, Tier};

/// The name of the lossless key of track `a`, by Python's `hmac`.
const LOSSLESS_ID: &str = "10D1FMjJjn2XDDP9zFnvVg";

fuzz_target!(|data: &[u8]| {
    let Ok(seed) = Seed::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f") else {
        return;
    };
    let keys = DerivedKeys::new(seed);
    let (Ok(terms), Ok(track)) = ("cbcs,clearkey".parse::<ProtectionTerms>(), "a".parse()) else { return };
    let grant = KeyGrant::new(&track, &terms.protection("a", &keys), &[Tier::Lossy], &keys);
    let response = grant.answer(data);
    let Body::Text(text) = &response.body else { panic!("no text") };
    assert!(matches!(response.status, 200 | 400 | 403 | 404), "{}", response.status);
    assert!(!text.contains(LOSSLESS_ID), "a key above the grant");
    assert_eq!(response.status == 200, text.contains("\"kty\""));
    if let Ok(text) = str::from_utf8(data) {
        let _ = LicenseServers::from_json(text);
        if let Some(LicenseTarget::License { path, .. }) = LicenseTarget::parse(text) {
            assert!(text.ends_with(path));
        }
    }
});
