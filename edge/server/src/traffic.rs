//! Whether anything happens on a connection: who neither asks nor reads is not waited for.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    time::{sleep, timeout},
};

/// Bytes sent that count as getting on: more than HTTP/2 answers to a client's pings in a while.
const PROGRESS: u64 = 4096;

/// What is read of a client that has been told that no more is read of it: window updates, not a flood.
const LEFTOVERS: u64 = 64 * 1024;

/// What happens on one connection.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Requests whose answer is being made.
    running: AtomicUsize,
    /// Bytes sent, and for each request as many as count.
    moved: AtomicU64,
}

/// A request whose answer is being made.
#[derive(Debug)]
pub struct Running(Arc<Traffic>);

impl Traffic {
    /// A request has come.
    pub fn asked(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.moved.fetch_add(PROGRESS, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    fn sent(&self, bytes: usize) {
        self.moved.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Whether anything was ever asked.
    pub fn any(&self) -> bool {
        self.moved.load(Ordering::Relaxed) > 0
    }

    /// Returns once nothing has happened for `stall`, at most twice as long after the last thing did.
    pub async fn stalled(&self, stall: Duration) {
        let mut seen = self.moved.load(Ordering::Relaxed);
        loop {
            sleep(stall).await;
            let moved = self.moved.load(Ordering::Relaxed);
            if self.running.load(Ordering::Relaxed) == 0 && moved - seen < PROGRESS {
                return;
            }
            seen = moved;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        // what waited long for its answer has yet to send it
        self.0.moved.fetch_add(PROGRESS, Ordering::Relaxed);
    }
}

/// Where a stream is left by the one that is done with it.
pub type Left = Arc<Mutex<Option<TcpStream>>>;

/// A stream whose traffic is counted.
#[derive(Debug)]
pub struct Counted {
    /// There until this is dropped.
    stream: Option<TcpStream>,
    traffic: Arc<Traffic>,
    left: Left,
}

impl Counted {
    /// Counts what is sent on `stream`, and leaves it in the second value when dropped.
    pub fn new(stream: TcpStream, traffic: Arc<Traffic>) -> (Self, Left) {
        let left = Left::default();
        (Self { stream: Some(stream), traffic, left: Arc::clone(&left) }, left)
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn count(&self, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = sent {
            self.traffic.sent(bytes);
        }
        sent
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = self.stream.take();
    }
}

/// Ends a stream whose last bytes were sent, and reads on until the client has ended it too, for as long as `most`.
/// Closed with bytes unread, what it was sent last would be lost on the way (RFC 9112 §9.6): a body that was not read,
/// a window update of HTTP/2.
pub async fn linger(left: &Left, most: Duration) {
    let Some(mut stream) = left.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    let ended = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LEFTOVERS), &mut tokio::io::sink()).await
    };
    let _ = timeout(most, ended).await;
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
        let sent = self.stream()?.poll_write(cx, bytes);
        self.count(sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
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
        self.stream()?.poll_shutdown(cx)
    }
}
