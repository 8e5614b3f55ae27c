//! Metrics as lines of the log, which CloudWatch turns into metrics by itself (embedded metric format).

use std::time::Duration;

use nada_publish::inbox::{Ending, ReleaseResult};
use nada_quote::Visible;
use serde_json::{Value, json};

use crate::{attempt::Attempt, reporter::Work};

/// Where the metrics are found.
const NAMESPACE: &str = "Nada/Packager";

/// Prints the line of an attempt at the release in that folder to the log.
pub(crate) fn print(function: &str, folder: &str, attempt: &Attempt) {
    let line = line(function, folder, &attempt.outcome, attempt.work, attempt.took);
    println!("{}", Visible::new(&line.to_string()).json());
}

/// The line of one attempt at a release, which did so much and took so long. Speed is seconds of audio encoded in a second
/// of encoding.
pub fn line(function: &str, release: &str, outcome: &ReleaseResult, work: Work, took: Duration) -> Value {
    let (published, retrying, failed) = match &outcome.ending {
        Ending::Published { .. } => (1, 0, 0),
        Ending::Retrying { .. } => (0, 1, 0),
        Ending::Failed { .. } => (0, 0, 1),
    };
    let mut metrics = vec![
        json!({ "Name": "Published", "Unit": "Count" }),
        json!({ "Name": "Retrying", "Unit": "Count" }),
        json!({ "Name": "Failed", "Unit": "Count" }),
        json!({ "Name": "Duration", "Unit": "Seconds" }),
        json!({ "Name": "Tracks", "Unit": "Count" }),
        json!({ "Name": "AudioSeconds", "Unit": "Seconds" }),
        json!({ "Name": "UploadedBytes", "Unit": "Bytes" }),
    ];
    let audio = work.audio_ms as f64 / 1000.0;
    let mut line = json!({});
    // where nothing was encoded, nothing is to be learnt about speed
    if work.tracks > 0 {
        line["EncodeSpeed"] = (audio / work.encoding.as_secs_f64().max(0.001)).into();
        metrics.push(json!({ "Name": "EncodeSpeed", "Unit": "None" }));
    }
    line["Tracks"] = work.tracks.into();
    line["AudioSeconds"] = audio.into();
    line["UploadedBytes"] = work.uploaded_bytes.into();
    line["Published"] = published.into();
    line["Retrying"] = retrying.into();
    line["Failed"] = failed.into();
    line["Duration"] = took.as_secs_f64().into();
    line["Function"] = function.into();
    line["Release"] = release.into();
    line["Attempt"] = outcome.attempt.into();
    line["_aws"] = json!({
        "Timestamp": outcome.at.as_millisecond(),
        "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics }],
    });
    line
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use nada_publish::{ErrorClass, inbox::Failure, publish::Report};

    use super::*;

    const TOOK: Duration = Duration::from_secs(30);

    fn outcome(ending: Ending) -> ReleaseResult {
        ReleaseResult::new("e", Timestamp::UNIX_EPOCH, Timestamp::from_second(7).unwrap(), 2, ending)
    }

    fn outcomes() -> [ReleaseResult; 3] {
        let error = Failure { class: ErrorClass::Input, message: String::new() };
        let (release, tracks) = ("r".parse().unwrap(), Vec::new());
        let report = Report { release, tracks, uploaded: 3, uploaded_bytes: 4_000, present: 0 };
        [
            outcome(Ending::Published { report, warnings: Vec::new() }),
            outcome(Ending::Failed { error: error.clone() }),
            outcome(Ending::Retrying { error }),
        ]
    }

    fn encoded() -> Work {
        let encoding = Duration::from_secs(3);
        Work { tracks: 1, audio_ms: 180_000, encoding, uploaded_bytes: 4_000 }
    }

    #[test]
    fn every_metric_that_is_named_has_a_value() {
        for (outcome, work) in outcomes().iter().flat_map(|o| [(o, encoded()), (o, Work::default())]) {
            let line = line("nada", "r", outcome, work, TOOK);
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for metric in directive["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                assert!(line[name].is_number(), "{name} in {line}");
            }
            assert!(line[directive["Dimensions"][0][0].as_str().unwrap()].is_string());
            assert_eq!(line["_aws"]["Timestamp"], 7_000);
            assert_eq!(line["Duration"], 30.0);
        }
    }

    #[test]
    fn what_was_done_counts_however_it_ended_and_speed_is_that_of_encoding() {
        for outcome in outcomes() {
            let fresh = line("nada", "r", &outcome, encoded(), TOOK);
            assert_eq!((&fresh["Tracks"], &fresh["UploadedBytes"]), (&1.into(), &4_000.into()));
            assert_eq!((&fresh["AudioSeconds"], &fresh["EncodeSpeed"]), (&180.0.into(), &60.0.into()));
            let idle = line("nada", "r", &outcome, Work::default(), TOOK);
            assert_eq!((&idle["Tracks"], idle.get("EncodeSpeed")), (&0.into(), None));
        }
    }
}
