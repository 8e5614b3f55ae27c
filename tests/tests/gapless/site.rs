//! A plain web site on 127.0.0.1: serves a folder, keeps what is put, and may have a backend.

use std::{convert::Infallible, path::PathBuf, sync::Arc};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{fs, net::TcpListener, task::JoinHandle};

/// What answers before the folder does: a path with its query to JSON.
pub type Backend = dyn Fn(&str) -> Option<serde_json::Value> + Send + Sync;

/// A running site; it ends when dropped.
#[derive(Debug)]
pub struct Site {
    port: u16,
    task: JoinHandle<()>,
}

impl Site {
    /// Serves `folder`.
    pub async fn of(folder: PathBuf) -> Self {
        Self::with(folder, Arc::new(|_| None)).await
    }

    /// Serves `folder` behind `backend`.
    pub async fn with(folder: PathBuf, backend: Arc<Backend>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (folder, backend) = (folder.clone(), Arc::clone(&backend));
                let service =
                    service_fn(move |request| answer(folder.clone(), Arc::clone(&backend), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { port, task }
    }

    /// The URL of a file.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    folder: PathBuf,
    backend: Arc<Backend>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if let Some(json) = request.uri().path_and_query().and_then(|asked| backend(asked.as_str())) {
        let mut response = Response::new(Full::new(json.to_string().into()));
        response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
        return Ok(response);
    }
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let range = request.headers().get("range").and_then(|range| range.to_str().ok()).map(str::to_owned);
    let file = folder.join(&path);
    let (status, kind, body) = match *request.method() {
        _ if path.contains("..") => (StatusCode::BAD_REQUEST, "text/plain", Bytes::new()),
        Method::PUT => {
            let body = request.into_body().collect().await.map(|body| body.to_bytes());
            match body {
                Ok(body) if fs::write(&file, &body).await.is_ok() => {
                    (StatusCode::CREATED, "text/plain", Bytes::new())
                }
                _ => (StatusCode::INTERNAL_SERVER_ERROR, "text/plain", Bytes::new()),
            }
        }
        // a page for scripts to run in
        _ if path.is_empty() => {
            (StatusCode::OK, "text/html", "<!doctype html><link rel=icon href=data:,>".into())
        }
        _ => match fs::read(&file).await {
            Ok(bytes) => return Ok(file_answer(&path, bytes.into(), range.as_deref())),
            Err(_) => (StatusCode::NOT_FOUND, "text/plain", Bytes::new()),
        },
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static(kind));
    Ok(response)
}

/// A file, or the one range of it that is asked for.
fn file_answer(path: &str, whole: Bytes, range: Option<&str>) -> Response<Full<Bytes>> {
    let length = whole.len();
    let part =
        range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')).and_then(|(first, last)| {
            let first: usize = first.parse().ok().filter(|first| *first < length)?;
            Some(first..last.parse::<usize>().map_or(length, |last| length.min(last + 1)))
        });
    let mut answer =
        Response::builder().header("content-type", content_type(path)).header("accept-ranges", "bytes");
    let body = match part {
        Some(part) => {
            let stated = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            answer = answer.status(StatusCode::PARTIAL_CONTENT).header("content-range", stated);
            whole.slice(part)
        }
        None => whole,
    };
    answer.body(Full::new(body)).unwrap()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("m3u8") => "application/vnd.apple.mpegurl",
        Some("js" | "mjs") => "text/javascript",
        _ => "audio/mp4",
    }
}
