//! The SQL of the Cloudflare row: every column is named once, by the place that the worker writes it to.

use std::collections::BTreeSet;

use nada_edge::Point;

use crate::{dashboard, targets};

/// What Analytics Engine's SQL brings along, of what is used here (Cloudflare's SQL reference).
const WORDS: &str = "SELECT FROM WHERE AND GROUP ORDER BY AS DESC LIMIT t n timestamp sum if intDiv \
                     toUInt32 quantileExactWeighted";

/// The data as points are written, under the names of their columns. A point stands for `n` requests: of those that the
/// worker left out, and those that Analytics Engine did.
fn table() -> String {
    let weight = Point::DOUBLES.iter().position(|name| *name == "weight").unwrap() + 1;
    let named = |kind: &'static str| move |(i, name): (usize, &&str)| format!("{kind}{} AS {name}", i + 1);
    let requests = format!("_sample_interval * toUInt32(double{weight}) AS n");
    let columns: Vec<String> = ["timestamp", &requests, "index1 AS track"]
        .map(str::to_owned)
        .into_iter()
        .chain(Point::BLOBS.iter().enumerate().map(named("blob")))
        .chain(Point::DOUBLES.iter().enumerate().filter(|(_, name)| **name != "weight").map(named("double")))
        .collect();
    format!(
        "(SELECT {} FROM ${{dataset}} WHERE timestamp >= toDateTime(${{__from:date:seconds}}) AND timestamp < \
         toDateTime(${{__to:date:seconds}}))",
        columns.join(", ")
    )
}

/// The words of a query that are no text and no number.
fn words(query: &str) -> Vec<&str> {
    let code = query.split('\'').step_by(2);
    code.flat_map(|code| code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .collect()
}

#[test]
fn every_column_is_one_that_the_worker_writes() {
    let dashboard = dashboard();
    let queries = targets(&dashboard, "cloudflare");
    assert!(queries.len() >= 8, "{queries:?}");
    let (table, mut used) = (table(), BTreeSet::new());
    let columns: BTreeSet<&str> = Point::BLOBS.into_iter().chain(Point::DOUBLES).chain(["track"]).collect();
    for (title, target) in queries {
        let query = target["url_options"]["data"].as_str().unwrap();
        let outer = query.replacen(&table, "", 1).replace("${step}", "300");
        assert_ne!(outer, query, "{title} does not read {table}: {query}");
        let balance = |c| query.matches(c).count();
        assert_eq!(balance('('), balance(')'), "{title}");
        let words = words(&outer);
        let results: BTreeSet<&str> =
            words.windows(2).filter(|pair| pair[0] == "AS").map(|pair| pair[1]).collect();
        for word in &words {
            let known =
                columns.contains(word) || results.contains(word) || WORDS.split(' ').any(|w| w == *word);
            assert!(known, "{title}: no column is called {word}");
        }
        used.extend(words.iter().filter(|word| columns.contains(*word)).map(|word| (*word).to_owned()));
        // and Grafana is told of what the query gives
        for column in target["columns"].as_array().unwrap() {
            let name = column["selector"].as_str().unwrap();
            assert!(
                results.contains(name) || columns.contains(name) && words.contains(&name),
                "{title}: {name}"
            );
        }
    }
    for wanted in ["startup", "ms", "origin_ms", "code", "cache", "origin", "asked", "country", "starved"] {
        assert!(used.contains(wanted), "nobody asks for {wanted}");
    }
}

#[test]
fn words_are_told_from_texts_and_numbers() {
    assert_eq!(words("sum(if(code = 'not ok', x_1, 0)) / 300"), ["sum", "if", "code", "x_1"]);
}
