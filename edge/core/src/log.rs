//! One line for the log of each request: what was asked for and what came of it. No token and no query, since
//! what it holds is read from the parsed route, never from the URL.

use std::borrow::Cow;

use nada_catalog::RenditionFile;
use serde::Serialize;

use crate::{
    cmcd::Cmcd,
    origin_selection::AskReason,
    plan::Response,
    request::Request,
    route::{Route, Target, TrackFile},
    timing::Timing,
};

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// The host's name for the request.
    pub id: String,
    /// `GET`, `HEAD`, `OPTIONS`, of licences `POST`, or `other`.
    pub method: &'static str,
    /// The track, where the path names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// `multivariant`, `media`, `file`, `start`, `track`, `lyrics`, `license`, `certificate`, `health`, `version`; absent where the
    /// path is no route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<&'static str>,
    /// The rendition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendition: Option<String>,
    /// The media segment's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<u32>,
    /// The HTTP status.
    pub status: u16,
    /// The code of a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// More about a denied token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The country, `XX` where it is unknown.
    pub country: String,
    /// The place of the origin that was asked for the object, from 1: 2 and up are failovers or nearer replicas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<usize>,
    /// Why it was asked: `first`, `hedge`, `failover` or `retry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<&'static str>,
    /// `hit`, `miss` or `bypass`, where an object is answered with and the cache says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<&'static str>,
    /// How many requests it stands for: see [`LogLine::sample`].
    #[serde(skip_serializing_if = "is_one")]
    pub weight: u32,
    /// Milliseconds until the head of the answer.
    pub ms: u32,
    /// Milliseconds until the origin's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_ms: Option<u32>,
    /// CMCD `bl`: milliseconds in the player's buffer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer_ms: Option<u32>,
    /// CMCD `mtp`: kbit/s as the player measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput_kbps: Option<u32>,
    /// CMCD `bs`: the player's buffer ran empty.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub starved: bool,
    /// CMCD `su`: playback starts, seeks, or ran empty.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub startup: bool,
}

/// A data point for Cloudflare's Analytics Engine, which names columns by their place: `index1` is the track,
/// `blob1` … and `double1` … are in the order below.
#[derive(Debug, Clone, PartialEq)]
pub struct Point<'a> {
    /// The sampling key: the track, or nothing.
    pub index: &'a str,
    /// [`Point::BLOBS`]; `code` is `ok` where there is none, the others are empty.
    pub blobs: [Cow<'a, str>; 7],
    /// [`Point::DOUBLES`]; −1 where there is none, `starved` and `startup` 0 or 1.
    pub doubles: [f64; 9],
}

impl Point<'_> {
    /// The fields of [`LogLine`] that are `blob1`, `blob2` …
    pub const BLOBS: [&'static str; 7] =
        ["route", "code", "country", "rendition", "cache", "origin", "asked"];
    /// The fields of [`LogLine`] that are `double1`, `double2` …
    pub const DOUBLES: [&'static str; 9] = [
        "status",
        "ms",
        "origin_ms",
        "buffer_ms",
        "throughput_kbps",
        "starved",
        "startup",
        "segment",
        "weight",
    ];
}

fn is_one(weight: &u32) -> bool {
    *weight == 1
}

impl LogLine {
    /// Whether the line is to be told: always, with the weight 1, what went wrong here or was felt (a status of 5xx, an
    /// origin that was not the first choice, a player that ran empty); of all else one in `one_in`, which gets that
    /// weight. `dice` is any number, evenly spread. What a client is refused is no fault of the edge, and a flood of it must
    /// not cost a line each.
    pub fn sample(&mut self, one_in: u32, dice: u32) -> bool {
        let one_in = one_in.max(1);
        let fault = self.status >= 500
            || self.starved
            || self.asked.is_some_and(|asked| asked != AskReason::First.name());
        if !fault {
            self.weight = one_in;
        }
        fault || dice.is_multiple_of(one_in)
    }

    /// The line for a request and the answer it was given.
    pub fn new(id: &str, request: &Request<'_>, response: &Response, timing: &Timing) -> Self {
        let cmcd = Cmcd::of(request.query, &request.headers);
        let mut line = Self {
            id: id.to_owned(),
            method: ["GET", "HEAD", "OPTIONS"].into_iter().find(|m| *m == request.method).unwrap_or("other"),
            track: None,
            route: None,
            rendition: None,
            segment: None,
            status: response.status,
            code: response.code.map(|code| code.name()),
            reason: response.reason.clone(),
            country: request.country.code().to_owned(),
            origin: timing.origin,
            asked: timing.asked.map(AskReason::name),
            cache: timing.cache.map(|cache| cache.name()),
            weight: 1,
            ms: timing.total_ms,
            origin_ms: timing.origin_ms,
            buffer_ms: cmcd.buffer_ms,
            throughput_kbps: cmcd.throughput_kbps,
            starved: cmcd.starved,
            startup: cmcd.startup,
        };
        match Target::parse(request.path).map(|target| target.route) {
            #[cfg(feature = "license")]
            None => line.of_license(request),
            #[cfg(not(feature = "license"))]
            None => {}
            Some(Route::Health) => line.route = Some("health"),
            Some(Route::Version) => line.route = Some("version"),
            Some(Route::Track(track, file)) => {
                line.track = Some(track.to_string());
                let (route, rendition) = match file {
                    TrackFile::Multivariant(_) => ("multivariant", None),
                    TrackFile::Info => ("track", None),
                    TrackFile::Lyrics | TrackFile::LyricsFile(..) => ("lyrics", None),
                    TrackFile::Artwork(..) => ("artwork", None),
                    TrackFile::Share => ("share", None),
                    TrackFile::Clip(..) => ("clip", None),
                    TrackFile::Whole(_, rendition) => ("file", Some(rendition)),
                    TrackFile::Start(_, rendition) => ("start", Some(rendition)),
                    TrackFile::Media(_, rendition, file) => {
                        if let RenditionFile::Segment(number) = file {
                            line.segment = Some(number);
                        }
                        ("media", Some(rendition))
                    }
                };
                line.route = Some(route);
                line.rendition = rendition.map(|rendition| rendition.to_string());
            }
        }
        line
    }

    #[cfg(feature = "license")]
    fn of_license(&mut self, request: &Request<'_>) {
        use crate::license::LicenseTarget;

        match LicenseTarget::parse(request.path) {
            None => return,
            Some(LicenseTarget::Certificate) => self.route = Some("certificate"),
            Some(LicenseTarget::License { track, .. }) => {
                self.track = Some(track.to_string());
                self.route = Some("license");
            }
        }
        if request.method == "POST" {
            self.method = "POST";
        }
    }

    /// The line as a data point.
    pub fn point(&self) -> Point<'_> {
        let text = |text: Option<&'static str>| Cow::Borrowed(text.unwrap_or_default());
        let number = |number: Option<u32>| number.map_or(-1.0, f64::from);
        Point {
            index: self.track.as_deref().unwrap_or_default(),
            blobs: [
                text(self.route),
                Cow::Borrowed(self.code.unwrap_or("ok")),
                Cow::Borrowed(&self.country),
                Cow::Borrowed(self.rendition.as_deref().unwrap_or_default()),
                text(self.cache),
                self.origin.map_or(Cow::Borrowed(""), |origin| Cow::Owned(origin.to_string())),
                text(self.asked),
            ],
            doubles: [
                f64::from(self.status),
                f64::from(self.ms),
                number(self.origin_ms),
                number(self.buffer_ms),
                number(self.throughput_kbps),
                f64::from(u8::from(self.starved)),
                f64::from(u8::from(self.startup)),
                number(self.segment),
                f64::from(self.weight),
            ],
        }
    }

    /// The line as compact JSON, without a line feed.
    pub fn to_json(&self) -> String {
        // strings and integers always serialise
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request of no track.
    fn health() -> Request<'static> {
        Request {
            method: "GET",
            scheme: "https",
            host: "cdn.example",
            path: "/healthz",
            query: None,
            headers: crate::RequestHeaders::default(),
            country: nada_catalog::Country::Unknown,
            client: None,
            now: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// Every column of a point is the field of that name, in a line that has them all, each with a value of its own.
    #[test]
    fn columns_are_fields() {
        let line = LogLine {
            id: "7".to_owned(),
            method: "GET",
            track: Some("t".to_owned()),
            route: Some("media"),
            rendition: Some("aac-128".to_owned()),
            segment: Some(3),
            status: 200,
            code: Some("range"),
            reason: None,
            country: "ID".to_owned(),
            origin: Some(2),
            asked: Some("hedge"),
            cache: Some("miss"),
            weight: 10,
            ms: 45,
            origin_ms: Some(40),
            buffer_ms: Some(2100),
            throughput_kbps: Some(900),
            starved: true,
            startup: true,
        };
        let json = serde_json::to_value(&line).unwrap();
        let point = line.point();
        assert_eq!(point.index, json["track"]);
        for (name, blob) in Point::BLOBS.iter().zip(&point.blobs) {
            let field = &json[name];
            assert_eq!(field.as_str().map_or(field.to_string(), str::to_owned), **blob, "{name}");
        }
        for (name, double) in Point::DOUBLES.iter().zip(point.doubles) {
            let field = json[name].as_f64().or(json[name].as_bool().map(|is| f64::from(u8::from(is))));
            assert_eq!(field, Some(double), "{name}");
        }
    }

    #[test]
    fn what_is_absent_is_empty_or_minus_one() {
        let response = crate::problem(crate::Code::Internal);
        let line = LogLine::new("1", &health(), &response, &Timing::default());
        let point = line.point();
        assert_eq!(point.blobs, ["health", "internal", "XX", "", "", "", ""]);
        assert_eq!(point.doubles, [500.0, 0.0, -1.0, -1.0, -1.0, 0.0, 0.0, -1.0, 1.0]);
    }

    #[test]
    fn faults_are_always_told_and_the_rest_by_weight() {
        let line = |code, asked| {
            LogLine::new("1", &health(), &crate::problem(code), &Timing { asked, ..Timing::default() })
        };
        let told = |mut line: LogLine, one_in, dice| line.sample(one_in, dice).then_some(line.weight);
        let weights =
            |line: LogLine| -> Vec<u32> { (0..20).filter_map(|dice| told(line.clone(), 10, dice)).collect() };
        assert_eq!(weights(line(crate::Code::NotFound, None)), [10, 10]);
        assert_eq!(weights(line(crate::Code::NotFound, Some(AskReason::First))), [10, 10]);
        assert_eq!(weights(line(crate::Code::Internal, None)), [1; 20]);
        assert_eq!(weights(line(crate::Code::NotFound, Some(AskReason::Failover))), [1; 20]);
        assert_eq!(weights(LogLine { starved: true, ..line(crate::Code::NotFound, None) }), [1; 20]);
        // without sampling every line stands for itself
        assert_eq!(told(line(crate::Code::NotFound, None), 1, 7), Some(1));
        assert_eq!(told(line(crate::Code::NotFound, None), 0, 7), Some(1));
    }
}
