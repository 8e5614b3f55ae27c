//! The Grafana dashboard asks for what is there: metrics and labels that `nada serve --metrics` shows, columns that the
//! worker writes.
#![allow(clippy::unwrap_used, clippy::panic)]

mod analytics;
mod prometheus;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

fn dashboard() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/dashboards/delivery.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn panels(dashboard: &Value) -> &Vec<Value> {
    dashboard["panels"].as_array().unwrap()
}

/// The questions of the panels that ask this data source, with the panel's title.
fn targets<'d>(dashboard: &'d Value, source: &str) -> Vec<(&'d str, &'d Value)> {
    let all = panels(dashboard).iter().flat_map(|panel| {
        let title = panel["title"].as_str().unwrap();
        panel["targets"].as_array().into_iter().flatten().map(move |target| (title, target))
    });
    all.filter(|(_, target)| target["datasource"]["uid"] == format!("${{{source}}}")).collect()
}

#[test]
fn every_panel_has_its_place_and_every_variable_its_definition() {
    let dashboard = dashboard();
    let ids: BTreeSet<u64> = panels(&dashboard).iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels(&dashboard).len());
    let mut cells = BTreeSet::new();
    for panel in panels(&dashboard) {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
        assert!(x + w <= 24, "{panel}");
        for cell in (y..y + h).flat_map(|y| (x..x + w).map(move |x| (x, y))) {
            assert!(cells.insert(cell), "{} lies upon another panel", panel["title"]);
        }
    }
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let defined: BTreeSet<&str> =
        variables.iter().map(|variable| variable["name"].as_str().unwrap()).collect();
    let text = dashboard.to_string();
    let used: BTreeSet<&str> =
        text.split("${").skip(1).filter_map(|rest| rest.split(['}', ':']).next()).collect();
    let own: BTreeSet<&str> = used.iter().filter(|name| !name.starts_with("__")).copied().collect();
    assert_eq!(own, defined);
}

/// Both sources answer the same questions.
#[test]
fn both_rows_show_what_a_listener_notices() {
    let dashboard = dashboard();
    for source in ["cloudflare", "prometheus"] {
        let titles: BTreeSet<&str> = targets(&dashboard, source).iter().map(|(title, _)| *title).collect();
        for wanted in
            ["Start-up", "Errors by code", "Hit ratio", "Failover by origin", "By country", "Stalls"]
        {
            assert!(
                titles.iter().any(|title| title.starts_with(wanted)),
                "{source} has no {wanted}: {titles:?}"
            );
        }
    }
}
