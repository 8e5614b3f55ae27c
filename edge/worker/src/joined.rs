//! A body of several pieces, poured one after the other by the platform's own streams. One that cannot be had ends the
//! connection: what was sent never looks complete.

use std::vec;

use nada_edge::Read;
use worker::web_sys::ReadableStream;

use crate::{
    origins::{OriginResponse, Origins},
    platform,
    wait::settled,
};

/// Such a body, its first piece at hand.
pub struct Joined {
    stream: platform::Joined,
    first: Option<ReadableStream>,
    pieces: vec::IntoIter<Read>,
}

impl Joined {
    /// A body of `pieces`, of which `first` is the first.
    pub fn of(pieces: Vec<Read>, first: Option<ReadableStream>) -> Self {
        let length: u64 = pieces.iter().map(length).sum();
        Self { stream: platform::Joined::new(length as f64), first, pieces: pieces.into_iter() }
    }

    /// What the client is sent.
    pub fn body(&self) -> ReadableStream {
        self.stream.body()
    }

    /// Pours until all is sent, the client is gone or a piece cannot be had.
    pub async fn pour<'a>(mut self, origins: impl Fn() -> Origins<'a>) {
        let whole = self.all(origins).await.is_some();
        if !whole {
            worker::console_warn!("a body ends early");
        }
        let _ = settled(&self.stream.end(whole)).await;
    }

    async fn all<'a>(&mut self, origins: impl Fn() -> Origins<'a>) -> Option<()> {
        for read in self.pieces.by_ref() {
            let piece = match self.first.take() {
                Some(first) => first,
                None => {
                    let OriginResponse { response, head } =
                        origins().object(&read, read.range()).await?.answer;
                    response.body().filter(|_| head.is_found())?
                }
            };
            settled(&self.stream.append(&piece)).await.ok()?;
        }
        Some(())
    }
}

/// Bytes of a piece.
fn length(read: &Read) -> u64 {
    read.bytes.as_ref().map_or(0, |bytes| bytes.range.end - bytes.range.start)
}
