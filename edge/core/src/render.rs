//! Answers that are rendered here: multivariant playlists, `track.json`, one-line texts.

use nada_catalog::{CachePolicy, Manifest, ShareInfo, track::TrackInfo};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    code::Code,
    conditional, headers,
    plan::{Body, Coding, Header, Response},
    problem::problem,
    request::Request,
};

const PLAYLIST: &str = "application/vnd.apple.mpegurl";

/// One line of text that nobody keeps.
pub(crate) fn line(text: &str) -> Response {
    let text = format!("{text}\n");
    let mut all = headers::always();
    all.push(("content-type", "text/plain; charset=utf-8".to_owned()));
    all.push(("content-length", text.len().to_string()));
    all.push(("cache-control", CachePolicy::NoStore.served(0)));
    Response { body: Body::Text(text), ..Response::empty(200, all) }
}

/// A multivariant playlist.
pub(crate) fn playlist(text: String, request: &Request<'_>) -> Response {
    rendered(text, PLAYLIST, request)
}

/// `track.json`
pub(crate) fn track_info(manifest: &Manifest, request: &Request<'_>) -> Response {
    json(&TrackInfo::from(manifest), request)
}

/// `share.json`
pub(crate) fn share_info(manifest: &Manifest, request: &Request<'_>) -> Response {
    json(&ShareInfo::of(manifest, request.country, request.now), request)
}

fn json(value: &impl Serialize, request: &Request<'_>) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => rendered(text, "application/json", request),
        Err(_) => problem(Code::Internal),
    }
}

/// A text that may change with the manifest. Ranges of it are not served, which RFC 9110 §14.2 allows.
fn rendered(text: String, content_type: &'static str, request: &Request<'_>) -> Response {
    let mut fields = headers::always();
    fields.push(("cache-control", CachePolicy::Revalidate.served(0)));
    coded(text, content_type, fields, request)
}

/// A static page beside the routes, under its own header fields: in the coding that the client takes, and not again where the
/// client has it.
pub fn page(text: String, media_type: &'static str, fields: Vec<Header>, request: &Request<'_>) -> Response {
    coded(text, media_type, fields, request).without_body_if(request.method == "HEAD")
}

/// The same for a file that is no text, and is compressed in itself. The host holds its bytes.
pub fn page_file(
    bytes: &[u8],
    media_type: &'static str,
    mut all: Vec<Header>,
    request: &Request<'_>,
) -> Response {
    let etag = etag_of(bytes);
    all.push(("etag", etag.clone()));
    if request.headers.if_none_match.is_some_and(|field| conditional::none_match_holds(field, &etag)) {
        return Response::empty(304, all);
    }
    all.push(("content-type", media_type.to_owned()));
    all.push(("content-length", bytes.len().to_string()));
    let body = Body::Slice { first: 0, length: bytes.len() as u64 };
    Response { body, ..Response::empty(200, all) }.without_body_if(request.method == "HEAD")
}

fn etag_of(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn coded(text: String, content_type: &'static str, mut all: Vec<Header>, request: &Request<'_>) -> Response {
    let coding = Coding::negotiate(request.headers.accept_encoding);
    let etag = coding.etag(&etag_of(text.as_bytes()));
    all.push(("etag", etag.clone()));
    all.push(("vary", "Accept-Encoding".to_owned()));
    if request.headers.if_none_match.is_some_and(|field| conditional::none_match_holds(field, &etag)) {
        return Response::empty(304, all);
    }
    all.push(("content-type", content_type.to_owned()));
    match coding.content_encoding() {
        Some(coding) => all.push(("content-encoding", coding.to_owned())),
        None => all.push(("content-length", text.len().to_string())),
    }
    Response { body: Body::Text(text), coding, ..Response::empty(200, all) }
}

/// The fields that a 304 has in common with the 200 it stands for (RFC 9110 §15.4.5).
pub(crate) fn validators(etag: &str, cache_control: &str, varies: bool) -> Vec<Header> {
    let mut all = headers::always();
    all.push(("etag", etag.to_owned()));
    all.push(("cache-control", cache_control.to_owned()));
    if varies {
        all.push(("vary", "Accept-Encoding".to_owned()));
    }
    all
}
