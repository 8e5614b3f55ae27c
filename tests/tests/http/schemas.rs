//! What hosts answer is what the committed JSON Schemas promise to players.

use jsonschema::Validator;
use serde_json::Value;

const PROBLEM: &str = include_str!("../../../edge/core/schema/problem.schema.json");
const TRACK: &str = include_str!("../../../packager/catalog/schema/track.schema.json");

/// That it is a problem, and has nothing that the schema does not know.
#[track_caller]
pub fn assert_problem(json: &Value) {
    assert_valid(PROBLEM, json);
}

/// That it is a `track.json`, and has nothing that the schema does not know.
#[track_caller]
pub fn assert_track(json: &Value) {
    assert_valid(TRACK, json);
}

#[track_caller]
fn assert_valid(schema: &str, json: &Value) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let faults = faults(&schema, json);
    assert!(faults.is_empty(), "{faults:?} in {json}");
}

fn faults(schema: &Value, json: &Value) -> Vec<String> {
    let validator: Validator = jsonschema::validator_for(schema).unwrap();
    let mut faults: Vec<String> = validator.iter_errors(json).map(|error| error.to_string()).collect();
    // players may meet more in time to come; here it would be a field that nobody described
    let known = schema["properties"].as_object().unwrap();
    let unknown = json.as_object().into_iter().flatten().filter(|(name, _)| !known.contains_key(*name));
    faults.extend(unknown.map(|(name, _)| format!("{name} is not described")));
    faults
}

#[test]
fn what_is_no_problem_is_found_out() {
    let schema: Value = serde_json::from_str(PROBLEM).unwrap();
    let good = serde_json::json!({ "title": "Gone", "status": 410, "code": "withdrawn", "detail": "x" });
    assert_eq!(faults(&schema, &good), [""; 0]);
    for (name, value) in
        [("code", "gone".into()), ("status", 200.into()), ("more", 1.into()), ("title", Value::Null)]
    {
        let mut bad = good.clone();
        bad[name] = value;
        assert_eq!(faults(&schema, &bad).len(), 1, "{bad}");
    }
}
