//! A proxy between the function and moto: it keeps what was asked, and answers for a service in trouble.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpListener;

/// A request of the function.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    /// With the query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    /// The operation of SQS, such as `SendMessage`.
    pub fn operation(&self) -> &str {
        let target = self.headers.get("x-amz-target").map_or("", |target| target.to_str().unwrap());
        target.rsplit('.').next().unwrap()
    }

    /// The id of the key that it was signed with.
    pub fn key(&self) -> &str {
        let signature = self.headers.get("authorization").map_or("", |signed| signed.to_str().unwrap());
        signature.split('/').next().unwrap_or_default().rsplit('=').next().unwrap_or_default()
    }

    /// The region that it was signed for.
    pub fn region(&self) -> &str {
        let signature = self.headers.get("authorization").map_or("", |signed| signed.to_str().unwrap());
        // Credential=ID/DATE/REGION/SERVICE/aws4_request
        signature.split('/').nth(2).unwrap_or_default()
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyAnswer {
    /// It is moto's.
    Pass,
    /// This status, without a body.
    Status(u16),
    /// None, and the connection stays.
    Never,
}

type Rule = dyn Fn(&Asked) -> ProxyAnswer + Send + Sync;

/// The proxy. It ends with the runtime.
pub struct Proxy {
    addr: SocketAddr,
    state: Arc<State>,
}

struct State {
    to: String,
    client: Client<HttpConnector, Full<Bytes>>,
    rule: Box<Rule>,
    asked: Mutex<Vec<Asked>>,
}

impl Proxy {
    /// Forwards to the URL `to` what `rule` lets pass.
    pub async fn start(to: &str, rule: impl Fn(&Asked) -> ProxyAnswer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let state = Arc::new(State {
            to: to.trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            rule: Box::new(rule),
            asked: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { addr, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// All requests so far, those that did not pass included.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        // the function was ended while it sent
        std::future::pending().await
    };
    let body = body.to_bytes();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let (method, headers) = (parts.method.clone(), parts.headers.clone());
    let asked = Asked { method, path: path.clone(), headers, body: body.clone() };
    let decided = (state.rule)(&asked);
    state.asked.lock().unwrap().push(asked);
    match decided {
        ProxyAnswer::Pass => {}
        ProxyAnswer::Status(status) => {
            return Ok(Response::builder().status(status).body(Full::default()).unwrap());
        }
        ProxyAnswer::Never => std::future::pending().await,
    }
    parts.uri = format!("{}{path}", state.to).parse().unwrap();
    let answered = state.client.request(Request::from_parts(parts, Full::new(body))).await.unwrap();
    let (parts, body) = answered.into_parts();
    Ok(Response::from_parts(parts, Full::new(body.collect().await.unwrap().to_bytes())))
}
