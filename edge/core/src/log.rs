//! One line for the log of each request: what was asked for and what came of it. No token and no query, since
//! what it holds is read from the parsed route, never from the URL.

use nada_release::RenditionFile;
use serde::Serialize;

use crate::{
    plan::Response,
    request::Request,
    route::{Route, Target, TrackFile},
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
}

impl LogLine {
    /// The line for a request and the answer it was given.
    pub fn new(id: &str, request: &Request<'_>, response: &Response) -> Self {
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

    /// The line as compact JSON, without a line feed.
    pub fn to_json(&self) -> String {
        // strings and integers always serialise
        serde_json::to_string(self).unwrap_or_default()
    }
}
