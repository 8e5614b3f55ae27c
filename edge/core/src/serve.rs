//! Answering with a stored text or picture: from an origin's answer, or from the whole object in hand, to the client's
//! head. What an origin says is believed only where it fits what was asked of it.

use nada_catalog::ObjectKey;

use crate::{
    code::Code,
    conditional,
    origin_selection::AnswerHead,
    plan::{Body, Coding, Header, Plan, Response, Serve},
    problem::problem,
    range::{ByteRange, ContentRange},
    read::{Read, Source, Ttl},
    render,
    request::Request,
};

/// What is asked of an origin where only the length is wanted.
const PROBE: ByteRange = ByteRange::Within { first: 0, last: 0 };

impl Serve {
    /// The plan for an object that exists and may be served: conditions first, then the range.
    pub(crate) fn plan(key: ObjectKey, cache_control: String, absent: Code, request: &Request<'_>) -> Plan {
        let asked = &request.headers;
        let head = request.method == "HEAD";
        // Range is defined for GET alone (RFC 9110 §14.2)
        let range = asked.range.and_then(ByteRange::parse).filter(|_| !head);
        let coding = match range {
            None if key.is_text() => Coding::negotiate(asked.accept_encoding),
            _ => Coding::Identity,
        };
        let etag = coding.etag(&key.etag().unwrap_or_default());
        if asked.if_none_match.is_some_and(|field| conditional::none_match_holds(field, &etag)) {
            return Plan::Respond(Response::empty(
                304,
                render::validators(&etag, &cache_control, key.is_text()),
            ));
        }
        let range = range.filter(|_| conditional::range_holds(asked.if_range, &etag));
        let read = Read {
            key,
            query: None,
            ttl: Ttl::IMMUTABLE,
            source: Source::Nearest,
            absence_counts: absent == Code::NotFound,
            bytes: None,
        };
        Plan::Serve(Self { read, range, coding, head, absent, cache_control, etag })
    }

    /// The `Range` to ask an origin for. Where no byte of the object is sent on, its first byte is asked for,
    /// to learn the length.
    pub fn origin_range(&self) -> Option<String> {
        if self.probes() { Some(PROBE.to_string()) } else { self.range.map(|range| range.to_string()) }
    }

    /// The answer to the client, by the head of an origin's answer to [`Serve::origin_range`]. Where its body
    /// is not [`Body::Origin`], the origin's is dropped unread.
    pub fn answer(&self, origin: &AnswerHead<'_>) -> Response {
        let coded = origin.is_coded();
        // the platform may code text by itself; then its lengths are not those of the object
        let length = origin.content_length.filter(|_| !coded);
        if coded && origin.status == 206 {
            return self.unavailable();
        }
        let part = origin.content_range.and_then(ContentRange::parse);
        let response = match (origin.status, part) {
            (200, _) => self.of_length(length, Body::Origin),
            (206, Some(ContentRange::Part { length: total, .. })) if self.probes() => {
                self.of_length(Some(total), Body::Empty)
            }
            (206, Some(ContentRange::Part { first, last, length: total })) => {
                let asked = self.range.and_then(|range| range.within(total));
                let whole = length.is_none_or(|length| length == last - first + 1);
                if asked == Some((first, last)) && whole {
                    Some(self.part(first, last, total, Body::Origin))
                } else {
                    None
                }
            }
            (416, Some(ContentRange::Unsatisfied { length: total })) => match self.range {
                // the probe of an empty object
                None if self.probes() && total == 0 => self.of_length(Some(0), Body::Empty),
                Some(range) if range.within(total).is_none() => Some(unsatisfiable(Some(total))),
                _ => None,
            },
            (416, None) if self.range.is_some() => Some(unsatisfiable(None)),
            (403 | 404, _) => return problem(self.absent).without_body_if(self.head),
            _ => None,
        };
        response.unwrap_or_else(|| self.unavailable()).without_body_if(self.head)
    }

    /// The answer to the client where the host holds the whole object, `length` bytes of it.
    pub fn slice(&self, length: u64) -> Response {
        let response = match self.range.map(|range| range.within(length)) {
            None => self.whole(Some(length), Body::Slice { first: 0, length }),
            Some(None) => unsatisfiable(Some(length)),
            Some(Some((first, last))) => {
                self.part(first, last, length, Body::Slice { first, length: last - first + 1 })
            }
        };
        response.without_body_if(self.head)
    }

    /// The answer where no origin gave one.
    pub fn unavailable(&self) -> Response {
        problem(Code::OriginUnavailable).without_body_if(self.head)
    }

    /// Whether only the length is of interest: HEAD, and the last 0 bytes, which no object has.
    fn probes(&self) -> bool {
        self.head || self.range == Some(ByteRange::Last { length: 0 })
    }

    /// The answer by an origin that sent, or measured, the whole object. What is compressed on the way has no length.
    fn of_length(&self, length: Option<u64>, body: Body) -> Option<Response> {
        match (self.range, length) {
            (Some(range), Some(length)) if range.within(length).is_none() => {
                Some(unsatisfiable(Some(length)))
            }
            // an origin that does not know ranges: the whole is a right answer to any of them
            (_, length) => Some(self.whole(length, body)),
        }
    }

    fn whole(&self, length: Option<u64>, body: Body) -> Response {
        let mut all = self.fields();
        match (self.coding.content_encoding(), length) {
            (Some(coding), _) => all.push(("content-encoding", coding.to_owned())),
            (None, Some(length)) => all.push(("content-length", length.to_string())),
            (None, None) => {}
        }
        if self.coding == Coding::Identity {
            all.push(("accept-ranges", "bytes".to_owned()));
        }
        Response { body, coding: self.coding, ..Response::empty(200, all) }
    }

    fn part(&self, first: u64, last: u64, total: u64, body: Body) -> Response {
        let mut all = self.fields();
        all.push(("content-length", (last - first + 1).to_string()));
        all.push(("content-range", format!("bytes {first}-{last}/{total}")));
        all.push(("accept-ranges", "bytes".to_owned()));
        Response { body, ..Response::empty(206, all) }
    }

    fn fields(&self) -> Vec<Header> {
        let mut all = render::validators(&self.etag, &self.cache_control, self.read.key.is_text());
        all.push(("content-type", self.read.key.content_type().to_owned()));
        all
    }
}

/// The answer to a range of which no byte exists.
pub(crate) fn unsatisfiable(total: Option<u64>) -> Response {
    let mut response = problem(Code::Range);
    if let Some(total) = total {
        response.headers.push(("content-range", format!("bytes */{total}")));
    }
    response
}
