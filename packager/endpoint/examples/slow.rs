//! An S3 endpoint as far away as a real one: every request waits before it is answered.
//!
//! Usage: `cargo run --release -p nada-endpoint --example slow -- FOLDER MILLISECONDS`
//!
//! Serves the bucket `releases` in FOLDER to the key `bench` with the secret `bench`, and prints its URL. Ends with its
//! standard input.
#![allow(clippy::unwrap_used)]

use std::{io::Read as _, net::Ipv4Addr, path::PathBuf, sync::Arc, time::Duration};

use nada_endpoint::{Endpoint, Intercept, Key, Next, Permission, Request, Response};

struct Slow(Duration);

#[async_trait::async_trait]
impl Intercept for Slow {
    async fn answer(&self, request: Request, next: Next<'_>) -> Response {
        tokio::time::sleep(self.0).await;
        next.answer(request).await
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: slow FOLDER MILLISECONDS";
    let folder = PathBuf::from(arguments.next().expect(usage));
    let milliseconds = arguments.next().expect(usage).parse().expect(usage);
    let key = Key { id: "bench".to_owned(), secret: "bench".to_owned(), permission: Permission::Full };
    let slow = Arc::new(Slow(Duration::from_millis(milliseconds)));
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let endpoint = Endpoint::start_with(&folder, address, &[key], &["releases"], slow).await.unwrap();
    println!("{}", endpoint.url());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    endpoint.shutdown().await;
}
