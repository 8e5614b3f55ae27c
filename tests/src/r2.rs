//! A bucket of Cloudflare R2 in workerd (`worker/bucket.mjs`), which answers as its custom domain does, and to who signs in S3's protocol.

use std::{
    io::{BufRead as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    process::Stdio,
};

use anyhow::{Context as _, ensure};
use hyper::{
    HeaderMap, Method,
    header::{HOST, HeaderName},
};
use nada_endpoint::{Body, Response};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::client::Client;

/// The bucket; it ends when dropped.
#[derive(Debug)]
pub struct R2 {
    port: u16,
    client: Client,
    /// It ends with its standard input.
    _process: Child,
}

/// What concerns one connection alone.
const OF_THE_CONNECTION: [HeaderName; 2] = [hyper::header::CONNECTION, hyper::header::TRANSFER_ENCODING];

impl R2 {
    /// Starts with an empty bucket.
    ///
    /// # Errors
    /// Node 22 or miniflare are missing, or workerd does not start.
    pub async fn start() -> anyhow::Result<Self> {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(tests.join("node_modules/.bin/node"))
            .arg(tests.join("worker/bucket.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("tests/node_modules/.bin/node does not start; tests/run installs it")?;
        let stdout = process.stdout.take().context("the bucket has no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let port = line.context("the bucket did not start; its standard error says why")?.parse()?;
        Ok(Self { port, client: Client::default(), _process: process })
    }

    /// `http://127.0.0.1:PORT`: to who signs, an endpoint of S3's protocol with this bucket under every name, and to others
    /// its custom domain.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the custom domain answers.
    pub async fn answer(&self, method: &Method, target: &str, headers: &HeaderMap) -> Response {
        let url = format!("{}{target}", self.url());
        let fields: Vec<(&str, &str)> = (headers.iter())
            .filter(|(name, _)| **name != HOST && !OF_THE_CONNECTION.contains(*name))
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let Ok(answer) = self.client.send(method.as_str(), &url, &fields).await else {
            let mut response = Response::new(Body::from("the bucket is gone".to_owned()));
            *response.status_mut() = hyper::StatusCode::BAD_GATEWAY;
            return response;
        };
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        for name in OF_THE_CONNECTION {
            response.headers_mut().remove(name);
        }
        response
    }

    /// Puts an object there, as a publisher would have.
    ///
    /// # Errors
    /// What R2 says.
    pub fn put(&self, key: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.write("PUT", key, bytes)
    }

    /// Takes an object away.
    ///
    /// # Errors
    /// What R2 says.
    pub fn delete(&self, key: &str) -> anyhow::Result<()> {
        self.write("DELETE", key, &[])
    }

    /// One request of a test, which waits for it.
    fn write(&self, method: &str, key: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))?;
        let length = bytes.len();
        write!(
            stream,
            "{method} /{key} HTTP/1.1\r\nHost: bucket\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )?;
        stream.write_all(bytes)?;
        // workerd may leave the connection open
        let mut status = String::new();
        std::io::BufReader::new(stream).read_line(&mut status)?;
        ensure!(status.starts_with("HTTP/1.1 204 "), "{method} {key}: {status}");
        Ok(())
    }
}
