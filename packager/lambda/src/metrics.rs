//! Metrics as lines of the log, which CloudWatch turns into metrics by itself (embedded metric format).

use std::time::Duration;

use nada_packager::inbox::{Ending, Outcome};
use serde_json::{Value, json};

/// Where the metrics are found.
const NAMESPACE: &str = "Nada/Packager";

/// The line of one attempt at a release, which took so long. Speed is seconds of audio encoded in a second.
pub fn line(function: &str, release: &str, outcome: &Outcome, took: Duration) -> Value {
    let (mut published, mut retrying, mut failed) = (0, 0, 0);
    let mut metrics = vec![
        json!({ "Name": "Published", "Unit": "Count" }),
        json!({ "Name": "Retrying", "Unit": "Count" }),
        json!({ "Name": "Failed", "Unit": "Count" }),
        json!({ "Name": "Duration", "Unit": "Seconds" }),
    ];
    let mut line = json!({});
    match &outcome.ending {
        Ending::Published { report, .. } => {
            published = 1;
            let packaged: Vec<_> = report.tracks.iter().filter(|track| track.packaged).collect();
            let audio = packaged.iter().map(|track| track.duration_ms as f64).sum::<f64>() / 1000.0;
            line["Tracks"] = packaged.len().into();
            line["AudioSeconds"] = audio.into();
            line["UploadedBytes"] = report.uploaded_bytes.into();
            metrics.push(json!({ "Name": "Tracks", "Unit": "Count" }));
            metrics.push(json!({ "Name": "AudioSeconds", "Unit": "Seconds" }));
            metrics.push(json!({ "Name": "UploadedBytes", "Unit": "Bytes" }));
            // of what was there already, nothing is to be learnt about speed
            if !packaged.is_empty() {
                line["EncodeSpeed"] = (audio / took.as_secs_f64().max(0.001)).into();
                metrics.push(json!({ "Name": "EncodeSpeed", "Unit": "None" }));
            }
        }
        Ending::Retrying { .. } => retrying = 1,
        Ending::Failed { .. } => failed = 1,
    }
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
    use nada_packager::{
        ErrorClass,
        inbox::Failure,
        publish::{Counts, Report, TrackReport},
    };

    use super::*;

    fn outcome(ending: Ending) -> Outcome {
        Outcome::new("e", Timestamp::UNIX_EPOCH, Timestamp::from_second(7).unwrap(), 2, ending)
    }

    fn published(packaged: bool) -> Outcome {
        let track = TrackReport {
            track: "one".parse().unwrap(),
            version: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            packaged,
            duration_ms: 180_000,
            lyrics: None,
            revision: 1,
            objects: Counts::default(),
        };
        let report = Report {
            release: "r".parse().unwrap(),
            tracks: vec![track],
            uploaded: 3,
            uploaded_bytes: 4_000,
            present: 0,
        };
        outcome(Ending::Published { report, warnings: Vec::new() })
    }

    #[test]
    fn every_metric_that_is_named_has_a_value() {
        let error = Failure { class: ErrorClass::Input, message: String::new() };
        for outcome in [
            published(true),
            published(false),
            outcome(Ending::Failed { error: error.clone() }),
            outcome(Ending::Retrying { error }),
        ] {
            let line = line("nada", "r", &outcome, Duration::from_secs(3));
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for metric in directive["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                assert!(line[name].is_number(), "{name} in {line}");
            }
            assert!(line[directive["Dimensions"][0][0].as_str().unwrap()].is_string());
            assert_eq!(line["_aws"]["Timestamp"], 7_000);
        }
    }

    #[test]
    fn speed_is_audio_per_second_of_what_was_encoded() {
        let fresh = line("nada", "r", &published(true), Duration::from_secs(3));
        assert_eq!((&fresh["AudioSeconds"], &fresh["EncodeSpeed"]), (&180.0.into(), &60.0.into()));
        let again = line("nada", "r", &published(false), Duration::from_secs(3));
        assert_eq!((&again["Tracks"], again.get("EncodeSpeed")), (&0.into(), None));
    }
}
