//! The server around the decisions: protocols, pages, panics, silence and the end. What it answers for tracks is
//! asserted, together with the other host, by the suites in `tests/`.

// clippy.toml spares functions marked as tests alone
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use nada_edge::{Config, Country, Origin, sigv4::Credentials};
use nada_edge_server::{
    Clock, CountrySource, Limits, Metrics, Page, PageSource, Pages, ServerConfig, TrustedProxies, serve,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

fn page(path: &str) -> Option<Page> {
    assert_ne!(path, "/panic", "on purpose");
    let headers = vec![("content-security-policy", "default-src 'self'".to_owned())];
    let media_type = "text/html; charset=utf-8";
    matches!(path, "/" | "/healthz").then(|| Page { media_type, headers, body: "<p>a page".into() })
}

async fn start() -> Server {
    start_with(Limits::default(), Arc::new(page)).await
}

async fn start_with(limits: Limits, pages: Arc<PageSource>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = ServerConfig {
        edge: Config { version: "nada test".to_owned(), plain_http: true, ..Config::default() },
        // nobody listens there
        origins: vec![Origin::new("http://127.0.0.1:1", "nobody", "r", true).unwrap()],
        credentials: Credentials { access_key: "a".into(), secret_key: "s".into(), session_token: None },
        country: CountrySource::Fixed(Country::from_code("IN")),
        trusted: TrustedProxies::default(),
        cache_bytes: 1 << 20,
        limits,
        metrics: Metrics::default(),
        licenses: nada_edge_server::Licenses::default(),
        pages: Some(Pages(pages)),
        clock: Clock::default(),
    };
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(serve(listener, config, async { drop(stopped.await) }));
    Server { address, stop, task }
}

impl Server {
    async fn ask(&self, method: &str, path: &str, http2: bool) -> (StatusCode, HeaderMap, Bytes) {
        let client: Client<_, Empty<Bytes>> =
            Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
        let uri = format!("http://{}{path}", self.address);
        let request = Request::builder().method(method).uri(uri).body(Empty::new()).unwrap();
        let (head, body) = client.request(request).await.unwrap().into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        timeout(Duration::from_secs(2), self.task).await.expect("it ends at once").unwrap().unwrap();
        assert!(TcpStream::connect(self.address).await.is_err(), "the port is free again");
    }
}

#[tokio::test]
async fn both_protocols() {
    let server = start().await;
    for http2 in [false, true] {
        let (status, _, body) = server.ask("GET", "/healthz", http2).await;
        assert_eq!(
            (status, body.as_ref().trim_ascii()),
            (StatusCode::OK, b"ok".as_slice()),
            "http2: {http2}"
        );
        let (status, headers, body) = server.ask("GET", "/t/a/track.json", http2).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(headers["content-length"], body.len().to_string());
    }
    server.end().await;
}

#[tokio::test]
async fn pages_stand_where_the_edge_has_nothing() {
    let server = start().await;
    let (status, headers, body) = server.ask("GET", "/", false).await;
    assert_eq!((status, body.as_ref()), (StatusCode::OK, b"<p>a page".as_slice()));
    assert_eq!(headers["content-security-policy"], "default-src 'self'");
    assert_eq!((&headers["vary"], headers["etag"].len()), (&"Accept-Encoding".parse().unwrap(), 26));
    let (status, headers, body) = server.ask("HEAD", "/", false).await;
    assert_eq!(
        (status, body.len(), headers["content-length"].as_bytes()),
        (StatusCode::OK, 0, b"9".as_slice())
    );
    assert_eq!(
        server.ask("GET", "/healthz", false).await.2.as_ref().trim_ascii(),
        b"ok",
        "a route is the edge's"
    );
    assert_eq!(server.ask("GET", "/other", false).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.ask("POST", "/", false).await.0, StatusCode::METHOD_NOT_ALLOWED);
    server.end().await;
}

#[tokio::test]
async fn a_panic_is_one_answer() {
    let server = start().await;
    let (status, headers, body) = server.ask("GET", "/panic", false).await;
    assert_eq!(
        (status, &headers["content-type"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &"application/problem+json".parse().unwrap())
    );
    assert!(String::from_utf8_lossy(&body).contains("\"internal\""));
    assert_eq!(server.ask("GET", "/healthz", false).await.0, StatusCode::OK);
    server.end().await;
}

#[tokio::test]
async fn who_says_nothing_does_not_hold_up_the_end() {
    let server = start().await;
    let _silent = TcpStream::connect(server.address).await.unwrap();
    let mut undecided = TcpStream::connect(server.address).await.unwrap();
    undecided.write_all(b"PRI * HT").await.unwrap();
    assert_eq!(server.ask("GET", "/healthz", false).await.0, StatusCode::OK);
    server.end().await;
}

#[tokio::test]
async fn a_head_has_limits() {
    let server = start().await;
    let many: String = (0..200).map(|i| format!("x-{i}: y\r\n")).collect();
    let long = format!("cookie: {}\r\n", "a".repeat(64 * 1024));
    for fields in [many, long] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // it may hang up before all of it is sent
        let _ =
            stream.write_all(format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{fields}\r\n").as_bytes()).await;
        let mut answer = Vec::new();
        let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.expect("it hangs up");
        let line = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || line.starts_with("HTTP/1.1 431"), "{line}");
    }
    assert_eq!(server.ask("GET", "/healthz", false).await.0, StatusCode::OK);
    server.end().await;
}

/// What ends a test that would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page that takes until its reader is told to go on, after it told the other end that it was asked for.
fn slow() -> (Arc<PageSource>, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (asked, seen) = mpsc::channel();
    let (go, gate) = mpsc::channel();
    let (asked, gate) = (Mutex::new(asked), Mutex::new(gate));
    let pages = move |path: &str| {
        if path == "/slow" {
            asked.lock().unwrap().send(()).unwrap();
            let _ = gate.lock().unwrap().recv();
        }
        Some(Page { media_type: "text/plain", headers: Vec::new(), body: "x".repeat(1 << 20).into() })
    };
    (Arc::new(pages), seen, go)
}

async fn until_refused(address: SocketAddr) {
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(PATIENCE, refused).await.expect("new connections are refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn told_to_stop_it_ends_what_it_began() {
    for http2 in [false, true] {
        let (pages, seen, go) = slow();
        let hour = Duration::from_secs(3600);
        let server =
            start_with(Limits { grace: hour, stall: hour, head: hour, ..Limits::default() }, pages).await;
        let address = server.address;
        // an idle connection, which has nothing to wait for
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        idle.readable().await.unwrap();
        let asked = tokio::spawn(async move {
            let client: Client<_, Empty<Bytes>> =
                Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
            let answer = client.get(format!("http://{address}/slow").parse().unwrap()).await.unwrap();
            answer.into_body().collect().await.unwrap().to_bytes().len()
        });
        let seen = tokio::task::spawn_blocking(move || seen.recv_timeout(PATIENCE));
        seen.await.unwrap().expect("it is asked");
        server.stop.send(()).unwrap();
        until_refused(address).await;
        assert!(!server.task.is_finished(), "a request is in flight");
        go.send(()).unwrap();
        assert_eq!(timeout(PATIENCE, asked).await.unwrap().unwrap(), 1 << 20, "http2: {http2}");
        timeout(PATIENCE, server.task).await.expect("then it ends").unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn told_to_stop_it_does_not_wait_for_ever() {
    let (pages, seen, go) = slow();
    let grace = Duration::from_millis(100);
    let server = start_with(Limits { grace, ..Limits::default() }, pages).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    tokio::task::spawn_blocking(move || seen.recv_timeout(PATIENCE)).await.unwrap().expect("it is asked");
    server.stop.send(()).unwrap();
    timeout(PATIENCE, server.task).await.expect("it ends, and nothing was answered").unwrap().unwrap();
    go.send(()).unwrap();
}
