//! Connections to addresses that may be asked: a name is resolved here, once, and what it stands for is judged before
//! anything is connected to, so that it cannot stand for another machine when it counts.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::address::AddressKind;

/// How long one address may take to be connected to.
const CONNECT: Duration = Duration::from_secs(10);

/// The machine behind a name may not be asked.
#[derive(Debug, thiserror::Error)]
#[error("{host} is {kind}, and not asked: --allow-private does")]
pub struct Refused {
    host: String,
    kind: AddressKind,
}

/// Connects over TCP.
#[derive(Debug, Clone)]
pub struct Connect {
    /// Whether any address may be asked.
    pub any: bool,
    /// The kind of the first address that was connected to: the entry's.
    first: Arc<OnceLock<AddressKind>>,
}

impl Connect {
    /// Connections to addresses of the kind that the first is of, and to public ones; to all where `any`.
    pub fn new(any: bool) -> Self {
        Self { any, first: Arc::default() }
    }

    /// The addresses among `found` that may be asked.
    fn admitted(&self, host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        let kinds: Vec<AddressKind> = found.iter().map(|address| AddressKind::of(address.ip())).collect();
        let Some(kind) = kinds.iter().find(|kind| **kind == AddressKind::Public).or(kinds.first()) else {
            return Ok(found);
        };
        // what stands for the internet and for a machine here is of the internet
        let first = *self.first.get_or_init(|| *kind);
        if self.any {
            return Ok(found);
        }
        let of_the_internet = *kind == AddressKind::Public;
        let admitted: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| {
                let kind = AddressKind::of(address.ip());
                first.may_name(kind) && (kind == AddressKind::Public || !of_the_internet)
            })
            .collect();
        if admitted.is_empty() {
            return Err(Refused { host: host.to_owned(), kind: *kind });
        }
        Ok(admitted)
    }

    async fn connect(self, uri: Uri) -> io::Result<TokioIo<TcpStream>> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let found = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => tokio::net::lookup_host((host, port)).await?.collect(),
        };
        let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address"));
        for address in self.admitted(host, found).map_err(io::Error::other)? {
            match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(TokioIo::new(stream));
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }
}

impl Service<Uri> for Connect {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// The refusal among the causes of an error.
pub fn refused(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // an error of input and output hides what it was made of among its own causes
        let inner = error.downcast_ref::<io::Error>().and_then(|error| error.get_ref());
        if let Some(refused) = inner.and_then(|inner| inner.downcast_ref::<Refused>()) {
            return Some(refused.to_string());
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(connect: &Connect, addresses: &str) -> Option<Vec<String>> {
        let found = addresses.split(' ').map(|a| SocketAddr::new(a.parse().unwrap(), 80)).collect();
        let admitted = connect.admitted("host", found).ok()?;
        Some(admitted.into_iter().map(|address| address.ip().to_string()).collect())
    }

    #[test]
    fn the_internet_names_nobody_here_whatever_its_names_stand_for_later() {
        for refused in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:7f00:1", "fd00::1", "100.64.0.1"]
        {
            let connect = Connect::new(false);
            assert_eq!(admitted(&connect, "1.1.1.1").unwrap(), ["1.1.1.1"]);
            assert_eq!(admitted(&connect, refused), None);
            // a name that stands for both
            assert_eq!(admitted(&connect, &format!("{refused} 8.8.8.8")).unwrap(), ["8.8.8.8"]);
            let entry = Connect::new(false);
            assert_eq!(admitted(&entry, &format!("{refused} 8.8.8.8")).unwrap(), ["8.8.8.8"]);
            assert_eq!(admitted(&entry, refused), None);
            let any = Connect::new(true);
            assert_eq!(admitted(&any, "1.1.1.1").unwrap(), ["1.1.1.1"]);
            assert_eq!(admitted(&any, refused).unwrap().len(), 1);
        }
    }

    #[test]
    fn an_entry_here_names_its_own_kind() {
        let connect = Connect::new(false);
        assert_eq!(admitted(&connect, "127.0.0.1").unwrap(), ["127.0.0.1"]);
        assert_eq!(admitted(&connect, "::1").unwrap(), ["::1"]);
        assert_eq!(admitted(&connect, "8.8.8.8").unwrap(), ["8.8.8.8"]);
        for refused in ["10.0.0.1", "169.254.169.254", "100.64.0.1", "fe80::1"] {
            assert_eq!(admitted(&connect, refused), None, "{refused}");
        }
    }
}
