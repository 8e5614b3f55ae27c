//! An HTTP client that sends what it is told and hands back what came: no redirects, no decompression, no
//! normalised paths.

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};

/// A pool of connections.
#[derive(Debug, Clone)]
pub struct Client(Pool<HttpConnector, Full<Bytes>>);

/// A whole answer.
#[derive(Debug)]
pub struct HttpAnswer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as it was sent.
    pub body: Bytes,
}

impl Default for Client {
    fn default() -> Self {
        Self(Pool::builder(TokioExecutor::new()).build_http())
    }
}

impl Client {
    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// The URL or a header is malformed, nobody answers, or the body ends early.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<HttpAnswer> {
        self.send_body(method, url, headers, Bytes::new()).await
    }

    /// Sends one request with a body and reads the whole answer.
    ///
    /// # Errors
    /// The URL or a header is malformed, nobody answers, or the body of the answer ends early.
    pub async fn send_body(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<HttpAnswer> {
        let (head, body) = self.request(method, url, headers, body).await?.into_parts();
        let body = body.collect().await.with_context(|| format!("the body of {method} {url}"))?.to_bytes();
        Ok(HttpAnswer { status: head.status, headers: head.headers, body })
    }

    /// Sends one request; the answer's body is still to be read.
    ///
    /// # Errors
    /// The URL or a header is malformed, or nobody answers.
    pub async fn open(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Response<Incoming>> {
        self.request(method, url, headers, Bytes::new()).await
    }

    async fn request(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<Response<Incoming>> {
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes())?).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.0.request(request.body(Full::new(body))?).await.with_context(|| format!("{method} {url}"))
    }
}

impl HttpAnswer {
    /// The header's one value; empty where it is absent, values joined where there are several.
    pub fn header(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter();
        values.map(|v| String::from_utf8_lossy(v.as_bytes())).collect::<Vec<_>>().join(", ")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// The body is no JSON.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", self.text()))
    }
}
