//! The licence server of a vendor, as far as the edge sees one: it tells what it was asked, and fails on demand.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

/// What it does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LicenseFault {
    /// It gives a licence: the bytes of the request, backwards.
    None,
    /// It answers with this status, and the same body.
    Status(u16),
    /// It never answers.
    Silent,
    /// It sends a redirect to itself.
    Redirect,
    /// Its licence is of a MiB.
    Long,
}

/// One request as it saw it.
#[derive(Debug)]
pub struct Asked {
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub struct LicenseServer {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    fault: Arc<Mutex<LicenseFault>>,
    task: JoinHandle<()>,
}

impl Drop for LicenseServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl LicenseServer {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let fault = Arc::new(Mutex::new(LicenseFault::None));
        let (seen, wanted) = (Arc::clone(&asked), Arc::clone(&fault));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, wanted) = (Arc::clone(&seen), Arc::clone(&wanted));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (seen, wanted) = (Arc::clone(&seen), Arc::clone(&wanted));
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await?.to_bytes();
                        let target = head.uri.to_string();
                        seen.lock().unwrap().push(Asked {
                            target,
                            headers: head.headers,
                            body: body.clone(),
                        });
                        let fault = *wanted.lock().unwrap();
                        anyhow::Ok(answer(fault, body).await)
                    }
                });
                tokio::spawn(async move {
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { address, asked, fault, task })
    }

    /// What it was asked since the last look.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    pub fn set_fault(&self, fault: LicenseFault) {
        *self.fault.lock().unwrap() = fault;
    }
}

/// The licence for a body.
pub fn licence(body: &[u8]) -> Vec<u8> {
    body.iter().rev().copied().collect()
}

async fn answer(fault: LicenseFault, body: Bytes) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .header("content-type", "text/html")
        .header("set-cookie", "vendor=1")
        .header("x-vendor", "internal");
    let (response, body) = match fault {
        LicenseFault::None => (response, licence(&body)),
        LicenseFault::Status(status) => (response.status(status), licence(&body)),
        LicenseFault::Redirect => (response.status(302).header("location", "/elsewhere"), Vec::new()),
        LicenseFault::Long => (response, vec![7; 1024 * 1024]),
        LicenseFault::Silent => {
            sleep(Duration::from_secs(60)).await;
            (response, Vec::new())
        }
    };
    response.body(Full::new(body.into())).unwrap()
}
