//! Answering with bytes of a track file. Where they lie, and so the whole head of the answer, follows from what is known of
//! the version: an origin is asked for nothing but bytes.

use std::ops::Range;

use nada_catalog::{
    ObjectKey, PartRange, TrackFileLayout, TrackId, Version,
    key::{AUDIO, etag_of},
    rendition::RenditionName,
};

use crate::{
    code::Code,
    conditional,
    plan::{Body, Plan, Response},
    problem::problem,
    range::ByteRange,
    read::{Extent, Read, Source, Ttl},
    render,
    request::Request,
    serve::unsatisfiable,
};

/// Bytes of a track file to answer with: [`Media::response`] as soon as an origin gives the first of [`Media::pieces`]
/// (or the host holds it), [`Media::absent`] where the origins have none, [`Media::unavailable`] where none answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The answer. Its body is [`Body::Pieces`].
    pub response: Response,
    /// What the body consists of, in order: one read at least, each of bytes that are known ([`Read::bytes`]).
    pub pieces: Vec<Read>,
    /// Where what was asked for ends with its part: the first byte of the next one, which a player asks for next. Worth a
    /// read without anyone waiting for it, where [`crate::Budget::spare`] allows: what caches stand before the origins
    /// then have the part, or the beginning of it.
    pub next: Option<Box<Read>>,
    /// What a part that is absent at the origin means now.
    absence: Code,
}

impl Media {
    /// The answer where the origins do not have the first piece.
    pub fn absent(&self) -> Response {
        problem(self.absence)
    }

    /// The answer where no origin gives the first piece.
    pub fn unavailable(&self) -> Response {
        problem(Code::OriginUnavailable)
    }
}

/// A resource that is a range of a track file.
pub(crate) struct Resource<'a> {
    pub track: &'a TrackId,
    pub version: &'a Version,
    pub rendition: RenditionName,
    pub layout: &'a TrackFileLayout,
    /// The bytes of the file.
    pub range: Range<u64>,
    /// Its path after that of the track, under the version: what tells it from every other.
    pub path: String,
    /// Of an alias, what leads from it to the track's path: it says where the same lies for ever, relative to itself, so that
    /// a token in the path is inherited and no header holds one.
    pub alias: Option<&'static str>,
    pub cache_control: String,
    pub absence: Code,
}

impl Resource<'_> {
    /// The plan for a resource that exists and may be served: conditions first, then the range. All but the bytes is known,
    /// so that HEAD is answered without a read.
    pub fn plan(self, request: &Request<'_>) -> Plan {
        let asked = &request.headers;
        let head = request.method == "HEAD";
        let etag = etag_of(&format!("tracks/{}/{}", self.track, self.path));
        let mut fields = render::validators(&etag, &self.cache_control, false);
        if let Some(up) = self.alias {
            fields.push(("content-location", format!("{up}{}", self.path)));
        }
        if asked.if_none_match.is_some_and(|field| conditional::none_match_holds(field, &etag)) {
            return Plan::Respond(Response::empty(304, fields));
        }
        let length = self.range.end - self.range.start;
        // Range is defined for GET alone (RFC 9110 §14.2)
        let range = asked.range.and_then(ByteRange::parse).filter(|_| !head);
        let range = range.filter(|_| conditional::range_holds(asked.if_range, &etag));
        let part = range.map(|range| range.within(length));
        if part == Some(None) {
            return Plan::Respond(unsatisfiable(Some(length)));
        }
        let part = part.flatten();
        let (first, last) = part.unwrap_or((0, length.saturating_sub(1)));
        let file = self.range.start + first..self.range.start + last + 1;
        let Some(runs) = self.layout.parts_of(&file) else {
            return Plan::Respond(problem(Code::OriginUnavailable).because("parts without sense".to_owned()));
        };
        fields.push(("content-type", AUDIO.to_owned()));
        fields.push(("content-length", (last - first + 1).to_string()));
        if part.is_some() {
            fields.push(("content-range", format!("bytes {first}-{last}/{length}")));
        }
        fields.push(("accept-ranges", "bytes".to_owned()));
        let status = if part.is_some() { 206 } else { 200 };
        let response = Response::empty(status, fields);
        if head {
            return Plan::Respond(response);
        }
        Plan::Media(Media {
            response: Response { body: Body::Pieces, ..response },
            pieces: runs.into_iter().map(|run| self.read(run)).collect(),
            next: self.next().map(|run| Box::new(self.read(PartRange { range: 0..1, ..run }))),
            absence: self.absence,
        })
    }

    fn read(&self, PartRange { part, range, length }: PartRange) -> Read {
        Read {
            key: ObjectKey::Part(self.track.clone(), self.version.clone(), self.rendition, part),
            query: None,
            ttl: Ttl::IMMUTABLE,
            source: Source::Nearest,
            absence_counts: self.absence == Code::NotFound,
            bytes: Some(Extent { range, length }),
        }
    }

    /// The part after the one that the resource ends with.
    fn next(&self) -> Option<PartRange> {
        let end = self.range.end;
        let mut around = self.layout.parts_of(&(end.checked_sub(1)?..end + 1))?;
        around.pop().filter(|_| !around.is_empty())
    }
}
