//! The bytes of several pieces, one after the other. One that cannot be had, or ends early, ends the answer as an error: what
//! was sent never looks complete.

use std::{io, mem, sync::Arc, time::Duration, vec};

use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use nada_edge::{Country, Read};
use tokio::{task::JoinHandle, time::timeout};

use crate::object_cache::ObjectCache;

/// The longest silence of an origin within a body.
const STALL_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of one piece.
#[derive(Debug)]
pub enum Piece {
    /// All of them.
    Held(Bytes),
    /// So many, as the origin sends them.
    Streamed(Box<Incoming>, u64),
}

/// What is sent, and what comes after it.
struct Joined {
    piece: Piece,
    /// The next piece is read while this one is sent.
    ahead: Option<JoinHandle<io::Result<Bytes>>>,
    rest: vec::IntoIter<Read>,
    objects: Arc<ObjectCache>,
    country: Country,
}

/// The bytes of `first`, and then those of `rest`.
pub fn joined(
    first: Piece,
    rest: vec::IntoIter<Read>,
    objects: Arc<ObjectCache>,
    country: Country,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let joined = Joined { piece: first, ahead: None, rest, objects, country };
    stream::try_unfold(joined, Joined::step)
}

impl Joined {
    async fn step(mut self) -> io::Result<Option<(Bytes, Self)>> {
        loop {
            if self.ahead.is_none() {
                self.ahead = self.rest.next().map(|read| {
                    let (objects, country) = (Arc::clone(&self.objects), self.country);
                    tokio::spawn(async move { objects.held(&read, country).await })
                });
            }
            let bytes = match mem::replace(&mut self.piece, Piece::Held(Bytes::new())) {
                Piece::Held(bytes) => bytes,
                Piece::Streamed(mut body, left) => {
                    let bytes = frame(&mut body, left).await?;
                    let left = left - bytes.len() as u64;
                    if left > 0 {
                        self.piece = Piece::Streamed(body, left);
                    }
                    bytes
                }
            };
            if !bytes.is_empty() {
                return Ok(Some((bytes, self)));
            }
            // one that still streams is not over because a frame was empty
            if matches!(self.piece, Piece::Streamed(..)) {
                continue;
            }
            match self.ahead.take() {
                Some(ahead) => self.piece = Piece::Held(ahead.await.map_err(io::Error::other)??),
                None => return Ok(None),
            }
        }
    }
}

/// The next bytes of a body that has so many left.
async fn frame(body: &mut Incoming, left: u64) -> io::Result<Bytes> {
    let frame = timeout(STALL_TIMEOUT, body.frame()).await.map_err(|_| io::ErrorKind::TimedOut)?;
    let frame = frame.ok_or(io::ErrorKind::UnexpectedEof)?.map_err(io::Error::other)?;
    let bytes = frame.into_data().unwrap_or_default();
    if bytes.len() as u64 > left {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(bytes)
}
