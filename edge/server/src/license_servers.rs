//! The connection to licence servers: one POST, within bounds of time and length.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use nada_edge::license::{ANSWERED_MS, Forward, LicenseServers, MOST_ANSWERED};
use tokio::time::timeout;

use crate::{
    memory::Memory,
    origin_answer::chain,
    origins::{connector, pooled},
};

/// How long a licence server may take for all of its answer.
const ANSWERED: Duration = Duration::from_millis(ANSWERED_MS as u64);
/// The memory for licence requests and licences under way, in bytes: 64 MiB.
const MEMORY: u64 = 64 * 1024 * 1024;

/// Why a licence server gave no licence. Its address is not in it, since that may hold a secret.
#[derive(Debug, thiserror::Error)]
pub enum LicenseFailure {
    /// It took too long.
    #[error("the licence server took longer than {ANSWERED_MS} ms")]
    Slow,
    /// No connection, or an answer that is not whole.
    #[error("the licence server cannot be reached: {0}")]
    Connection(String),
    /// Nothing that can be sent.
    #[error("the licence server cannot be asked: look at its address and header fields")]
    Request,
    /// Too much is under way.
    #[error("too many licences are under way")]
    NoRoom,
}

/// What licence requests share.
#[derive(Debug)]
pub struct LicenseClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Bounds what is held of all of them.
    pub memory: Arc<Memory>,
}

impl LicenseClient {
    /// # Errors
    /// There are licence servers, and this system trusts nobody.
    pub fn new(servers: &LicenseServers) -> io::Result<Self> {
        let client = pooled().build(connector(!servers.is_empty())?);
        Ok(Self { client, memory: Memory::new(MEMORY) })
    }

    /// The status and the body of a licence server's answer.
    ///
    /// # Errors
    /// There is none, or none in time, or it is longer than a licence is.
    pub async fn ask(&self, forward: &Forward, body: Bytes) -> Result<(u16, Bytes), LicenseFailure> {
        let room = self.memory.take(MOST_ANSWERED as u64).ok_or(LicenseFailure::NoRoom)?;
        let mut request = Request::post(&forward.url);
        for (name, value) in &forward.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body)).map_err(|_| LicenseFailure::Request)?;
        let answered = async {
            let answer = self.client.request(request).await;
            let answer = answer.map_err(|error| LicenseFailure::Connection(chain(&error)))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, MOST_ANSWERED).collect().await;
            let body = body.map_err(|error| LicenseFailure::Connection(error.to_string()))?;
            Ok((head.status.as_u16(), body.to_bytes()))
        };
        let (status, body) = timeout(ANSWERED, answered).await.map_err(|_| LicenseFailure::Slow)??;
        Ok((status, room.hold(body)))
    }
}
