//! A proxy before the store that counts writes, and at one of them tells that the publisher is to die.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, Uri, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{net::TcpListener, sync::Notify};

/// When the publisher dies, seen from the write in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The store never sees the write.
    Before,
    /// The store has it, the publisher does not know.
    After,
}

/// The proxy. It ends with the runtime.
pub struct FaultProxy {
    addr: SocketAddr,
    state: Arc<State>,
}

struct State {
    to: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    writes: AtomicUsize,
    fault: Option<(usize, Moment)>,
    reached: Notify,
}

impl FaultProxy {
    /// Forwards to `to`, up to the write numbered from 1.
    pub async fn start(to: SocketAddr, fault: Option<(usize, Moment)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let state = State { to, client, writes: AtomicUsize::new(0), fault, reached: Notify::new() };
        let state = Arc::new(state);
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let service = service_fn(move |request| forward(Arc::clone(&state), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { addr, state }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Writes so far, those that failed included.
    pub fn writes(&self) -> usize {
        self.state.writes.load(Ordering::SeqCst)
    }

    /// Returns when the publisher is to die.
    pub async fn reached(&self) {
        self.state.reached.notified().await;
    }
}

async fn forward(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let number = match *request.method() {
        Method::PUT => state.writes.fetch_add(1, Ordering::SeqCst) + 1,
        _ => 0,
    };
    if state.fault == Some((number, Moment::Before)) {
        state.reached.notify_one();
        std::future::pending::<()>().await;
    }
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("http://{}{path}", state.to).parse::<Uri>().unwrap();
    let Ok(body) = body.collect().await else {
        // the publisher died while it sent
        std::future::pending().await
    };
    let answer = state.client.request(Request::from_parts(parts, Full::new(body.to_bytes()))).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    if state.fault == Some((number, Moment::After)) {
        state.reached.notify_one();
        std::future::pending::<()>().await;
    }
    Ok(Response::from_parts(parts, Full::new(body)))
}
