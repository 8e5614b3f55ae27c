//! One origin's whole answer, verified before anyone sees a byte of it.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use jiff::Timestamp;
use nada_edge::{AskReason, ReadAnswer, Taken, origin::answered_at};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};

use crate::{clock::Clock, memory::Memory};

/// How long a whole object may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest silence within one.
const STALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest object that is read: a part of a track file has 4 MiB, where one segment is not more.
const MAX_OBJECT: u64 = 64 * 1024 * 1024;

/// How an answer was come by.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The origin's place in the configured list, from 1.
    pub origin: usize,
    /// Why it was asked.
    pub reason: Option<AskReason>,
    /// Milliseconds from the first question to any origin until its answer was whole, or until the head of one that is
    /// sent on as it comes.
    pub ms: u32,
}

/// One origin's whole answer: an object, or that it has none.
#[derive(Debug)]
pub struct OriginAnswer {
    /// 200, 403 or 404.
    pub status: u16,
    /// When the origin gave it.
    pub at: Timestamp,
    /// The object; empty where there is none.
    pub body: Bytes,
    /// Whether the primary gave it.
    pub primary: bool,
    /// How it was come by.
    pub asked: Asked,
}

impl Asked {
    /// Of an answer that counts now, where the first question was asked at `began`.
    pub fn of(taken: &Taken<'_, Response<Incoming>>, began: Instant) -> Self {
        let ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        Self { origin: taken.place, reason: taken.asked, ms }
    }
}

impl OriginAnswer {
    /// Reads an answer that counts to its end. Its body takes `memory`, where that is bounded.
    pub async fn read(
        taken: Taken<'_, Response<Incoming>>,
        began: Instant,
        clock: &Clock,
        memory: Option<&Arc<Memory>>,
    ) -> Result<Self, Failure> {
        let asked = Asked::of(&taken, began);
        let Taken { answer, primary, .. } = taken;
        let (head, body) = answer.into_parts();
        let at = answered_at(clock.now(), text(&head.headers, "age"));
        let (status, body) = match head.status.as_u16() {
            200 => (200, whole(&head.headers, body, memory).await?),
            status @ (403 | 404) => (status, Bytes::new()),
            status => return Err(Failure::Status(status)),
        };
        let ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        Ok(Self { status, at, body, primary, asked: Asked { ms, ..asked } })
    }

    /// As a decision takes it.
    pub fn as_answer(&self) -> ReadAnswer<'_> {
        ReadAnswer { status: self.status, at: self.at, primary: self.primary, body: &self.body }
    }
}

/// Why one origin gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the body took too long")]
    Slow,
    #[error("{0}")]
    Connection(String),
    #[error("status {0}")]
    Status(u16),
    #[error("{found} bytes of {promised}")]
    Length { found: u64, promised: u64 },
    #[error("no Content-Length")]
    NoLength,
    #[error("more bytes than are read")]
    TooLarge,
    #[error("no room in memory: clients have yet to read too much of what they asked for")]
    NoRoom,
    #[error("coded as {0}")]
    Coded(String),
    #[error("the SHA-256 is not the one the store has")]
    Checksum,
    #[error("it is not understood")]
    Strange,
    #[error("cannot be asked: {0}")]
    Request(String),
}

/// Reads the body to its end: as long as was promised, in time, and of the checksum the store knows.
async fn whole(head: &HeaderMap, mut body: Incoming, memory: Option<&Arc<Memory>>) -> Result<Bytes, Failure> {
    if let Some(coding) = head.get(header::CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        return Err(Failure::Coded(String::from_utf8_lossy(coding.as_bytes()).into_owned()));
    }
    let promised = text(head, "content-length").and_then(|v| v.parse().ok()).ok_or(Failure::NoLength)?;
    if promised > MAX_OBJECT {
        return Err(Failure::TooLarge);
    }
    let taken = memory.map(|memory| memory.take(promised).ok_or(Failure::NoRoom)).transpose()?;
    // a sum of sums, as of a multipart upload, ends in its number of parts; nothing can be told from it here
    let known = text(head, "x-amz-checksum-sha256").filter(|sum| !sum.contains('-'));
    let mut sum = known.map(|_| Sha256::new());
    let mut bytes = BytesMut::with_capacity(promised as usize);
    let deadline = Instant::now() + BODY_TIMEOUT;
    loop {
        let stalled = deadline.min(Instant::now() + STALL_TIMEOUT);
        let frame = timeout_at(stalled, body.frame()).await.map_err(|_| Failure::Slow)?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|e| Failure::Connection(chain(&e)))?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        bytes.extend_from_slice(data);
        // piece by piece: all of it at once would keep other requests waiting
        sum.as_mut().into_iter().for_each(|sum| sum.update(data));
    }
    let found = bytes.len() as u64;
    if found != promised {
        return Err(Failure::Length { found, promised });
    }
    if sum.is_some_and(|sum| known != Some(BASE64_STANDARD.encode(sum.finalize()).as_str())) {
        return Err(Failure::Checksum);
    }
    let bytes = bytes.freeze();
    Ok(match taken {
        Some(taken) => taken.hold(bytes),
        None => bytes,
    })
}

/// A header's value, where it is text.
pub fn text<'a>(head: &'a HeaderMap, name: &str) -> Option<&'a str> {
    head.get(name)?.to_str().ok()
}

/// An error and what caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
