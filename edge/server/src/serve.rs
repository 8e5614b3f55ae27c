//! The listening socket: connections, their limits, and their end.

use std::{convert::Infallible, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{config::ServerConfig, host::Host};

/// How long a client may take to send a request head, idle keep-alive included.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// How long requests in flight may take to finish once the server is told to stop.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// The longest request head of HTTP/1.1 in bytes: a token and the cookies of a large site fit.
const HEAD_BYTES: usize = 32 * 1024;
/// The most header fields of one request.
const HEAD_FIELDS: usize = 100;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 100;
/// Connections at once; further ones wait in the listener's backlog.
const CONNECTIONS: usize = 4096;
/// What a client that speaks HTTP/2 sends first (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Serves on `listener` until `shutdown` is done, then lets requests in flight finish for five seconds.
/// HTTP/1.1, and HTTP/2 with prior knowledge; TLS is a reverse proxy's work.
///
/// A failing request or connection never ends it.
///
/// # Errors
/// The configuration cannot work; see [`ServerConfig`].
pub async fn serve(
    listener: TcpListener,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let host = Arc::new(Host::new(config)?);
    let (http1, http2) = (builder().http1_only(), builder().http2_only());
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut silent: JoinSet<Option<Connection>> = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let permit = Arc::clone(&connections).acquire_owned().await;
            (listener.accept().await, permit.ok())
        };
        let connection = tokio::select! {
            () = shutdown.as_mut() => break,
            (accepted, permit) = accepted => match accepted {
                Ok((stream, peer)) => {
                    silent.spawn(spoken(Connection { stream, peer, http2: false, permit }));
                    continue;
                }
                // a connection that died before it was accepted, or no file descriptor left: both pass
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            Some(spoken) = silent.join_next() => match spoken {
                Ok(Some(connection)) => connection,
                _ => continue,
            },
        };
        let Connection { stream, peer, http2: is_http2, permit } = connection;
        let host = Arc::clone(&host);
        let service = service_fn(move |request: Request<Incoming>| {
            let host = Arc::clone(&host);
            async move { Ok::<_, Infallible>(host.answer(request, peer).await) }
        });
        let builder = if is_http2 { &http2 } else { &http1 };
        let served = builder.serve_connection(TokioIo::new(stream), service);
        let served = graceful.watch(served.into_owned());
        tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop((listener, silent));
    let _ = timeout(SHUTDOWN_GRACE, graceful.shutdown()).await;
    Ok(())
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    http2: bool,
    permit: Option<OwnedSemaphorePermit>,
}

/// Waits for a connection's first bytes, which tell the protocol; hyper's own detection waits for ever.
async fn spoken(mut connection: Connection) -> Option<Connection> {
    // small answers in two writes would otherwise wait for an acknowledgement
    connection.stream.set_nodelay(true).ok()?;
    let mut seen = [0; PREFACE.len()];
    let detect = async {
        loop {
            let length = connection.stream.peek(&mut seen).await.ok()?;
            match seen.get(..length)? {
                [] => return None,
                whole if whole == PREFACE => return Some(true),
                part if PREFACE.starts_with(part) => sleep(Duration::from_millis(10)).await,
                _ => return Some(false),
            }
        }
    };
    connection.http2 = timeout(HEAD_TIMEOUT, detect).await.ok()??;
    Some(connection)
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(HEAD_FIELDS)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(HEAD_TIMEOUT);
    builder
}
