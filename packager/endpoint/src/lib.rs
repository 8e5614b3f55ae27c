#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

mod key;
mod place;
mod storage;

use std::{convert::Infallible, fs, io, net::SocketAddr, path::Path, path::PathBuf, sync::Arc};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use nada_quote::Quoted;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use key::{Key, Permission};
/// A request, its answer, and the body of either.
pub use s3s::{Body, HttpRequest as Request, HttpResponse as Response};
use storage::{ReadOnlyKeys, Storage};

/// Stands between clients and the storage: answers a request in its place, or passes it on and alters the answer. For
/// tests that need an S3 with faults: a status, a delay, a body cut short, silence.
#[async_trait::async_trait]
pub trait Intercept: Send + Sync + 'static {
    /// The answer to a request, whose signature has not been checked yet. It is dropped where the client hangs up.
    async fn answer(&self, request: Request, next: Next<'_>) -> Response;
}

/// The storage behind an [`Intercept`].
#[derive(Clone, Copy)]
pub struct Next<'a>(&'a S3Service);

impl Next<'_> {
    /// What the storage answers.
    pub async fn answer(self, request: Request) -> Response {
        self.0.call(request).await.unwrap_or_else(|error| {
            let mut response = Response::new(Body::from(format!("{error:?}")));
            *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }
}

/// Passes everything on.
struct Pass;

#[async_trait::async_trait]
impl Intercept for Pass {
    async fn answer(&self, request: Request, next: Next<'_>) -> Response {
        next.answer(request).await
    }
}

/// Why the endpoint did not start.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The folder cannot be used.
    #[error("{}: cannot keep objects here: {source}", dir.display())]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Another process serves the folder: two of them could not keep conditional writes atomic.
    #[error("{}: in use by another running Nada", .0.display())]
    InUse(PathBuf),
    /// The name is none that S3 allows.
    #[error(
        "bucket {}: expected 3 to 63 lowercase letters, digits, '-' or '.', beginning and ending with a letter or digit",
        Quoted::new(.0)
    )]
    Bucket(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// Why: in use, for example.
        source: io::Error,
    },
}

/// A running endpoint. Dropping it stops it without waiting for requests under way.
#[derive(Debug)]
pub struct Endpoint {
    addr: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Endpoint {
    /// Starts serving the folder `dir`, which is made where it is missing, as are `buckets` in it. Port 0 lets
    /// the system choose one.
    ///
    /// # Errors
    /// Where the folder cannot be written or is in use, a bucket's name is invalid, or the address is taken.
    pub async fn start(
        dir: &Path,
        addr: SocketAddr,
        keys: &[Key],
        buckets: &[&str],
    ) -> Result<Self, EndpointError> {
        Self::start_with(dir, addr, keys, buckets, Arc::new(Pass)).await
    }

    /// The same with something before the storage.
    ///
    /// # Errors
    /// As [`Endpoint::start`].
    pub async fn start_with(
        dir: &Path,
        addr: SocketAddr,
        keys: &[Key],
        buckets: &[&str],
        intercept: Arc<dyn Intercept>,
    ) -> Result<Self, EndpointError> {
        let folder = |source| EndpointError::Folder { dir: dir.to_owned(), source };
        let lock = claim(dir, buckets)?;
        // its own error helps only to debug it
        let fs = s3s_fs::FileSystem::new(dir)
            .map_err(|_| folder(io::Error::other("what earlier runs left in it cannot be removed")))?;
        let mut auth = SimpleAuth::new();
        for key in keys {
            auth.register(key.id.clone(), key.secret.clone().into());
        }
        let read_only = ReadOnlyKeys::of(keys);
        let mut service = S3ServiceBuilder::new(Storage::new(fs, dir.to_owned(), read_only.clone()));
        service.set_auth(auth);
        service.set_access(read_only);
        let service = service.build();

        let listen = |source| EndpointError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(listen)?;
        let addr = listener.local_addr().map_err(listen)?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(async move {
            serve(listener, service, intercept, stopped).await;
            drop(lock);
        });
        Ok(Self { addr, stop, server })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://{addr}`: the endpoint URL for any S3 client (path style).
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Stops listening, and returns when the requests under way are answered.
    pub async fn shutdown(self) {
        // a server that has ended already needs no word to stop
        let _ = self.stop.send(());
        let _ = self.server.await;
    }
}

/// Makes the folder and its buckets, and takes its lock, which ends with the file.
fn claim(dir: &Path, buckets: &[&str]) -> Result<fs::File, EndpointError> {
    let folder = |source| EndpointError::Folder { dir: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(folder)?;
    let lock = fs::File::create(dir.join(".lock")).map_err(folder)?;
    lock.try_lock().map_err(|e| match e {
        fs::TryLockError::WouldBlock => EndpointError::InUse(dir.to_owned()),
        fs::TryLockError::Error(source) => folder(source),
    })?;
    for bucket in buckets {
        if !s3s::path::check_bucket_name(bucket) {
            return Err(EndpointError::Bucket((*bucket).to_owned()));
        }
        fs::create_dir_all(dir.join(bucket)).map_err(folder)?;
    }
    Ok(lock)
}

async fn serve(
    listener: TcpListener,
    service: S3Service,
    intercept: Arc<dyn Intercept>,
    mut stopped: oneshot::Receiver<()>,
) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        // what can fail here ends one connection, or is over when one of them closes
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new());
        let (service, intercept) = (service.clone(), Arc::clone(&intercept));
        let answer = service_fn(move |request: hyper::Request<Incoming>| {
            let (service, intercept) = (service.clone(), Arc::clone(&intercept));
            async move { Ok::<_, Infallible>(intercept.answer(request.map(Body::from), Next(&service)).await) }
        });
        let connection = http.serve_connection(TokioIo::new(stream), answer);
        tokio::spawn(graceful.watch(connection));
    }
    drop(listener);
    graceful.shutdown().await;
}
