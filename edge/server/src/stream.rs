//! A connection's bytes: counted as they go out, and taken over where the HTTP library would answer by itself.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    time::timeout,
};

use crate::traffic::Traffic;

/// What is read of a client that has been told that no more is read of it: window updates, not a flood.
const LEFTOVERS: u64 = 64 * 1024;

/// What is left of a stream by the one that is done with it.
#[derive(Debug, Default)]
pub struct Left {
    stream: Option<TcpStream>,
    /// The status that the library had for what it could not read, and that was not sent.
    pub unread: Option<u16>,
}

/// A stream whose traffic is counted.
#[derive(Debug)]
pub struct Counted {
    /// There until this is dropped.
    stream: Option<TcpStream>,
    traffic: Arc<Traffic>,
    unread: Option<u16>,
    left: Arc<Mutex<Left>>,
}

impl Counted {
    /// Counts what is sent on `stream`, and leaves it in the second value when dropped.
    pub fn new(stream: TcpStream, traffic: Arc<Traffic>) -> (Self, Arc<Mutex<Left>>) {
        let left = Arc::<Mutex<Left>>::default();
        (Self { stream: Some(stream), traffic, unread: None, left: Arc::clone(&left) }, left)
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Whether these bytes are kept back: an answer that the library makes itself, and whatever comes after.
    fn keeps_back(&mut self, bytes: &[u8]) -> bool {
        if self.unread.is_none() && !self.traffic.busy() {
            self.unread = automatic(bytes);
        }
        self.unread.is_some()
    }

    fn count(&self, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = sent {
            self.traffic.sent(bytes);
        }
        sent
    }
}

/// The status of an answer over HTTP/1.1 that is hyper's own, to a head that it could not read. All of ours say what
/// their type is not.
fn automatic(bytes: &[u8]) -> Option<u16> {
    let head = str::from_utf8(bytes).ok()?.strip_prefix("HTTP/1.1 ")?;
    let empty = head.ends_with("\r\n\r\n") && head.contains("\r\ncontent-length: 0\r\n");
    let status = head.get(..3)?.parse().ok().filter(|status| matches!(status, 400 | 414 | 431))?;
    (empty && !head.contains("\r\nx-content-type-options:")).then_some(status)
}

impl Drop for Counted {
    fn drop(&mut self) {
        let left = Left { stream: self.stream.take(), unread: self.unread };
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }
}

impl Left {
    /// Takes what is left.
    pub fn take(left: &Mutex<Self>) -> Self {
        std::mem::take(&mut left.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends the last `bytes`, ends the stream, and reads on until the client has ended it too, for as long as `most`.
    /// Closed with bytes unread, what it was sent last would be lost on the way (RFC 9112 §9.6): a body that was not
    /// read, a window update of HTTP/2.
    pub async fn linger(self, bytes: &[u8], most: Duration) {
        let Some(mut stream) = self.stream else { return };
        let ended = async {
            stream.write_all(bytes).await?;
            stream.shutdown().await?;
            tokio::io::copy(&mut stream.take(LEFTOVERS), &mut tokio::io::sink()).await
        };
        let _ = timeout(most, ended).await;
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.keeps_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let sent = self.stream()?.poll_write(cx, bytes);
        self.count(sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.keeps_back(slices.first().map_or(&[], |first| first)) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let sent = self.stream()?.poll_write_vectored(cx, slices);
        self.count(sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(TcpStream::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // the answer is yet to be sent
        if self.unread.is_some() {
            return Poll::Ready(Ok(()));
        }
        self.stream()?.poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_says_by_itself() {
        let own = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\
                   date: Sun, 29 Nov 2026 09:00:00 GMT\r\n\r\n";
        assert_eq!(automatic(own.as_bytes()), Some(431));
        assert_eq!(automatic(own.replace("431", "400").as_bytes()), Some(400));
        for other in [
            own.replace("431", "404"),
            own.replace("HTTP/1.1", "HTTP/1.0"),
            own.replace("length: 0", "length: 10"),
            own.replace("date:", "x-content-type-options: nosniff\r\ndate:"),
            format!("{own}x"),
            String::new(),
        ] {
            assert_eq!(automatic(other.as_bytes()), None, "{other}");
        }
    }
}
