//! The empty documents that `infra/` puts into a new bucket are those that publishers write and edges read.

use nada_catalog::{Changes, Revocations, stored};

#[test]
fn a_new_bucket_holds_what_a_first_publisher_would_write() {
    let changes = include_bytes!("../../../infra/modules/origin/documents/changes.json");
    assert_eq!(changes.trim_ascii(), stored::to_json(&Changes::default()).unwrap());
    let revocations = include_bytes!("../../../infra/modules/origin/documents/revocations.json");
    assert_eq!(revocations.trim_ascii(), stored::to_json(&Revocations::default()).unwrap());
    assert_eq!(stored::from_json::<Changes>(changes).unwrap(), Changes::default());
    assert_eq!(stored::from_json::<Revocations>(revocations).unwrap(), Revocations::default());
}
