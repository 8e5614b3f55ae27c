//! One line for the log of each request: what was asked for and what came of it. No token and no query, since
//! what it holds is read from the parsed route, never from the URL.

use std::borrow::Cow;

use nada_release::RenditionFile;
use serde::Serialize;

use crate::{
    cmcd::Cmcd,
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
    /// `GET`, `HEAD`, `OPTIONS`, or `other`.
    pub method: &'static str,
    /// The track, where the path names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// `multivariant`, `media`, `track`, `lyrics`, `health`, `version`; absent where the path is no route.
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
    /// `hit` or `miss`, where an object is answered with and the cache says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<&'static str>,
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
    /// Route, code (`ok` where there is none), country, rendition, cache, origin.
    pub blobs: [Cow<'a, str>; 6],
    /// Status, milliseconds, the origin's milliseconds, CMCD buffer (ms), CMCD throughput (kbit/s), starved (0 or
    /// 1), start-up (0 or 1), segment. −1 where there is none.
    pub doubles: [f64; 8],
}

impl LogLine {
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
            cache: timing.cache.map(|cache| cache.name()),
            ms: timing.total_ms,
            origin_ms: timing.origin_ms,
            buffer_ms: cmcd.buffer_ms,
            throughput_kbps: cmcd.throughput_kbps,
            starved: cmcd.starved,
            startup: cmcd.startup,
        };
        match Target::parse(request.path).map(|target| target.route) {
            None => {}
            Some(Route::Health) => line.route = Some("health"),
            Some(Route::Version) => line.route = Some("version"),
            Some(Route::Track(track, file)) => {
                line.track = Some(track.to_string());
                line.route = Some(match file {
                    TrackFile::Multivariant(_) => "multivariant",
                    TrackFile::Info => "track",
                    TrackFile::Lyrics | TrackFile::LyricsFile(..) => "lyrics",
                    TrackFile::Media(_, rendition, file) => {
                        line.rendition = Some(rendition.to_string());
                        if let RenditionFile::Segment(number) = file {
                            line.segment = Some(number);
                        }
                        "media"
                    }
                });
            }
        }
        line
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
            ],
        }
    }

    /// The line as compact JSON, without a line feed.
    pub fn to_json(&self) -> String {
        // strings and integers always serialise
        serde_json::to_string(self).unwrap_or_default()
    }
}
