//! The committed JSON Schemas are those of the types.
#![cfg(feature = "schema")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use nada_catalog::{
    Changes, LoudnessHistogram, Manifest, Presentation, ReleaseRecord, Revocations, ShareInfo,
    track::TrackInfo,
};

fn check<T: schemars::JsonSchema>(name: &str) {
    let path = format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let generated = serde_json::to_string_pretty(&schemars::schema_for!(T)).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "{path} is not what the types say: run this test with UPDATE_SCHEMAS=1");
}

#[test]
fn schemas_follow_the_types() {
    check::<Manifest>("manifest");
    check::<Presentation>("presentation");
    check::<LoudnessHistogram>("loudness");
    check::<ReleaseRecord>("release");
    check::<Changes>("changes");
    check::<Revocations>("revocations");
    check::<TrackInfo>("track");
    check::<ShareInfo>("share");
}
