//! The listening socket: connections, their limits, and their end.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, Version};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    addresses::{Addresses, ConnectionSlot},
    config::ServerConfig,
    host::Host,
    limits::Limits,
    stream::{Counted, Left},
    traffic::Traffic,
    wire,
};

/// The longest request head in bytes: a token and the cookies of a large site fit.
const HEAD_BYTES: usize = 32 * 1024;
/// The longest one that is read over HTTP/2, to be refused here. To longer ones the library says 431 by itself.
const HTTP2_BYTES: u32 = 64 * 1024;
/// The most header fields of one request over HTTP/1.1.
const HEAD_FIELDS: usize = 100;
/// Requests at once on one HTTP/2 connection: a player asks a few. A proxy that needs more opens another.
const STREAMS: u32 = 32;
/// Streams that a client may have reset, before they were looked at and after it broke the rules of one, until its
/// connection is ended: a player cancels a few (CVE-2023-44487, CVE-2025-8671).
const RESETS: usize = 32;
/// How often an HTTP/2 connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);
/// How long a connection that is ended may take to be told so.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long a client may take to end a connection that the server has ended.
const LINGER: Duration = Duration::from_secs(2);

/// Serves on `listener` until `shutdown` is done. Then no connection is accepted any more, those without a request are
/// ended, and requests in flight may finish for as long as [`Limits::grace`] says.
///
/// HTTP/1.1, and HTTP/2 with prior knowledge; TLS is a reverse proxy's work. A failing request or connection never ends
/// it.
///
/// # Errors
/// The configuration cannot work; see [`ServerConfig`].
pub async fn serve(
    listener: TcpListener,
    config: ServerConfig,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    boxed(listener, config, Box::pin(shutdown)).await
}

/// A future whose type has no parameter: what it polls is compiled in this crate and by its profile, not in each program's.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

fn boxed(listener: TcpListener, config: ServerConfig, shutdown: Boxed<'_, ()>) -> Boxed<'_, io::Result<()>> {
    Box::pin(accept(listener, config, shutdown))
}

async fn accept(listener: TcpListener, config: ServerConfig, mut shutdown: Boxed<'_, ()>) -> io::Result<()> {
    let limits = config.limits.clone();
    let metrics = config.metrics.clone();
    let trusted = config.trusted.clone();
    let addresses = Addresses::new(limits.per_address);
    let host = Arc::new(Host::new(config)?);
    let builder = Arc::new(builder(&limits));
    let (stop, stopped) = watch::channel(());
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.as_mut() => break,
            Some(_) = open.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        // connections that have ended have made room
        while open.try_join_next().is_some() {}
        match accepted {
            Ok(_) if open.len() >= limits.connections => metrics.refused(false),
            Ok((stream, peer)) => {
                // the client that a proxy speaks for is not known yet
                let counted = !trusted.trusts(peer.ip().to_canonical());
                let slot = counted.then(|| addresses.slot(peer.ip()));
                if matches!(slot, Some(None)) {
                    metrics.refused(true);
                    continue;
                }
                let connection = Connection { stream, peer, slot: slot.flatten(), host: Arc::clone(&host) };
                open.spawn(connection.attend(Arc::clone(&builder), limits.clone(), stopped.clone()));
            }
            // a connection that died before it was accepted, or no file descriptor left: both pass
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop((listener, stop));
    // what is still open after that is dropped, and so ended
    let _ = timeout(limits.grace, async { while open.join_next().await.is_some() {} }).await;
    Ok(())
}

/// One accepted connection.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    /// Where its address has a limit.
    slot: Option<ConnectionSlot>,
    host: Arc<Host>,
}

impl Connection {
    /// Answers its requests until the client ends it, it stalls, or the server stops.
    async fn attend(
        self,
        builder: Arc<auto::Builder<TokioExecutor>>,
        limits: Limits,
        mut stopped: watch::Receiver<()>,
    ) {
        let Self { stream, peer, slot: _slot, host } = self;
        // small answers in two writes would otherwise wait for an acknowledgement
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let traffic = Arc::new(Traffic::default());
        let service = service_fn(|request: Request<Incoming>| {
            let http2 = request.version() == Version::HTTP_2;
            let (host, making) = (Arc::clone(&host), traffic.asked(http2));
            async move {
                let answer = match http2 && length(request.headers()) > HEAD_BYTES {
                    true => host.unread(431, peer),
                    false => host.answer(request, peer).await,
                };
                Ok::<_, Infallible>(answer.map(|body| body.counted(&making, http2)))
            }
        });
        let (stream, left) = Counted::new(stream, Arc::clone(&traffic));
        let stalled = || traffic.stalled(limits.stall, limits.rate);
        let done = {
            let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
            tokio::select! {
                done = served.as_mut() => Some(done),
                () = stalled() => {
                    served.as_mut().graceful_shutdown();
                    let _ = timeout(FAREWELL, served.as_mut()).await;
                    None
                }
                // an error, since nothing is ever sent: the server has let go of the other end
                Err(_) = stopped.changed() => {
                    served.as_mut().graceful_shutdown();
                    tokio::select! {
                        done = served.as_mut() => Some(done),
                        () = stalled() => None,
                    }
                }
            }
        };
        let Some(done) = done else { return };
        if let Err(error) = &done {
            tracing::debug!(%error, "a connection ended early");
            if error.downcast_ref().is_some_and(hyper::Error::is_timeout) {
                return;
            }
        }
        let left = Left::take(&left);
        if let Some(status) = left.unread {
            let last = wire::http1(host.unread(status, peer), host.now());
            left.linger(&last, LINGER).await;
        } else if traffic.any() {
            left.linger(&[], LINGER).await;
        }
    }
}

/// The length of a head's fields, as HTTP/2 counts it (RFC 9113 §6.5.2).
fn length(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum()
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(HEAD_FIELDS)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HTTP2_BYTES)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .keep_alive_interval(PING);
    builder
}
