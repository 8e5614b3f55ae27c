//! A proxy before the store: it counts what passes, kills the publisher at one of its writes, and answers for a
//! store that is overloaded.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
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

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFault {
    /// Nothing.
    None,
    /// Every write takes so long.
    Lag(Duration),
    /// The publisher dies at the write numbered from 1.
    Dies(usize, Moment),
    /// The write numbered from 1 waits until it is let go.
    Waits(usize),
    /// So many requests, after so many that pass, are answered `SlowDown`.
    SlowDown { after: usize, requests: usize },
    /// So many requests, after so many that pass, see their connection closed; the store has done what they asked.
    Resets { after: usize, requests: usize },
}

/// The proxy. It ends with the runtime.
pub struct FaultProxy {
    addr: SocketAddr,
    state: Arc<State>,
}

struct State {
    to: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    requests: AtomicUsize,
    writes: AtomicUsize,
    /// Connections open, and the most of them at once.
    open: AtomicUsize,
    most: AtomicUsize,
    /// Writes of immutable objects under way, and the most of them at once.
    writing: AtomicUsize,
    most_writing: AtomicUsize,
    fault: ProxyFault,
    reached: Notify,
    go: Notify,
    paths: Mutex<Vec<String>>,
}

impl FaultProxy {
    /// Forwards to `to`, until something goes wrong.
    pub async fn start(to: SocketAddr, fault: ProxyFault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let count = || AtomicUsize::new(0);
        let state = State {
            to,
            client,
            requests: count(),
            writes: count(),
            open: count(),
            most: count(),
            writing: count(),
            most_writing: count(),
            fault,
            reached: Notify::new(),
            go: Notify::new(),
            paths: Mutex::default(),
        };
        let state = Arc::new(state);
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let open = state.open.fetch_add(1, Ordering::SeqCst) + 1;
                    state.most.fetch_max(open, Ordering::SeqCst);
                    let service = service_fn(|request| forward(Arc::clone(&state), request));
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                    state.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { addr, state }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Requests so far, those that failed included.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// Writes so far, those that failed included.
    pub fn writes(&self) -> usize {
        self.state.writes.load(Ordering::SeqCst)
    }

    /// The most connections that were open at once.
    pub fn most_connections(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }

    /// The most immutable objects that were being written at once.
    pub fn most_writes(&self) -> usize {
        self.state.most_writing.load(Ordering::SeqCst)
    }

    /// The paths that were written to so far, in order.
    pub fn written(&self) -> Vec<String> {
        self.state.paths.lock().unwrap().clone()
    }

    /// Lets the write go that waits.
    pub fn go_on(&self) {
        self.state.go.notify_one();
    }

    /// Returns when the publisher is to die, or its write waits.
    pub async fn reached(&self) {
        self.state.reached.notified().await;
    }
}

const SLOW_DOWN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code>\
    <Message>Please reduce your request rate.</Message><RequestId>0</RequestId></Error>";

/// An error of the service ends the connection without an answer.
async fn forward(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Hangup> {
    let request_number = state.requests.fetch_add(1, Ordering::SeqCst);
    let is_in =
        |after: usize, requests: usize| (after..after.saturating_add(requests)).contains(&request_number);
    let number = match *request.method() {
        Method::PUT => {
            state.paths.lock().unwrap().push(request.uri().path().to_owned());
            state.writes.fetch_add(1, Ordering::SeqCst) + 1
        }
        _ => 0,
    };
    if state.fault == ProxyFault::Dies(number, Moment::Before) {
        state.reached.notify_one();
        std::future::pending::<Infallible>().await;
    }
    if state.fault == ProxyFault::Waits(number) {
        state.reached.notify_one();
        state.go.notified().await;
    }
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("http://{}{path}", state.to).parse::<Uri>().unwrap();
    let Ok(body) = body.collect().await else {
        // the publisher died while it sent
        std::future::pending().await
    };
    if let ProxyFault::SlowDown { after, requests } = state.fault
        && is_in(after, requests)
    {
        let answer = Response::builder().status(503).header("content-type", "application/xml");
        return Ok(answer.body(Full::from(SLOW_DOWN)).unwrap());
    }
    let path = parts.uri.path();
    let immutable = number > 0 && path.contains("/tracks/") && !path.ends_with("manifest.json");
    if immutable {
        let writing = state.writing.fetch_add(1, Ordering::SeqCst) + 1;
        state.most_writing.fetch_max(writing, Ordering::SeqCst);
    }
    if let (ProxyFault::Lag(lag), true) = (state.fault, number > 0) {
        tokio::time::sleep(lag).await;
    }
    let answer = state.client.request(Request::from_parts(parts, Full::new(body.to_bytes()))).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    if immutable {
        state.writing.fetch_sub(1, Ordering::SeqCst);
    }
    if state.fault == ProxyFault::Dies(number, Moment::After) {
        state.reached.notify_one();
        std::future::pending::<Infallible>().await;
    }
    match state.fault {
        ProxyFault::Resets { after, requests } if is_in(after, requests) => Err(Hangup),
        _ => Ok(Response::from_parts(parts, Full::new(body))),
    }
}

/// The connection is closed.
#[derive(Debug)]
struct Hangup;

impl std::fmt::Display for Hangup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hung up")
    }
}

impl std::error::Error for Hangup {}
