//! The published test vectors (`vectors/*.json`): written from here, and read back as anybody else would.

mod made;
mod vector;

use crate::KeySet;
use made::{FILES, keys};
use vector::Vector;

fn committed(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_default()
}

fn path(name: &str) -> String {
    format!("{}/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

#[allow(clippy::disallowed_methods, reason = "a test's own switch")]
fn update(name: &str, generated: &str) {
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(path(name), generated).unwrap();
    }
}

const STALE: &str = "is not what this test makes: run it with UPDATE_VECTORS=1, and look at the difference";

#[test]
fn the_committed_vectors_are_those_made_here() {
    for (name, make) in FILES {
        let made = make();
        for vector in &made {
            assert_eq!(vector.outcome, name, "{}: {:?}", vector.name, vector.reason);
        }
        update(name, &(serde_json::to_string_pretty(&made).unwrap() + "\n"));
        let committed: Vec<Vector> = serde_json::from_str(&committed(name)).unwrap_or_default();
        assert!(committed == made, "vectors/{name}.json {STALE}");
    }
    let text = keys().to_json() + "\n";
    update("keys", &text);
    assert_eq!(committed("keys"), text, "vectors/keys.json {STALE}");
}

/// As anybody else would check: from the files alone.
#[test]
fn the_committed_vectors_come_out_as_they_say() {
    let keys = KeySet::from_json(&committed("keys")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for (name, _) in FILES {
        let vectors: Vec<Vector> = serde_json::from_str(&committed(name)).unwrap();
        assert!(vectors.len() >= 4);
        for vector in vectors {
            let found = vector.request.with(&vector.token, &keys);
            assert_eq!(found, (vector.outcome, vector.reason), "{name}: {}", vector.name);
            assert!(seen.insert((name, vector.name.clone())), "{}: twice", vector.name);
        }
    }
}
