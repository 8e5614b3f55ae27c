//! The committed JSON Schema of problems is that of the type.
#![cfg(feature = "schema")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use nada_edge::{Code, problem::Problem};

#[test]
fn the_schema_follows_the_type() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/problem.schema.json");
    let generated = serde_json::to_string_pretty(&schemars::schema_for!(Problem)).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).unwrap();
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == generated, "{path} is not what the type says: run this test with UPDATE_SCHEMAS=1");
}

/// The schema has the names that are sent: all of them, and no others.
#[test]
fn the_schema_has_every_code() {
    let schema = serde_json::to_value(schemars::schema_for!(Code)).unwrap();
    let listed = schema["oneOf"].as_array().unwrap().iter().map(|code| code["const"].as_str().unwrap());
    assert_eq!(listed.collect::<Vec<_>>(), Code::ALL.map(Code::name));
}
