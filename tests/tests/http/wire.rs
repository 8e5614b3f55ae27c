//! Attacks on the native server's framing, byte by byte (on Cloudflare the platform reads requests). Time-outs and
//! limits of connections stand beside the server.

use nada_tests::catalogue::TRACK;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Duration, timeout},
};

use crate::world::{HostKind, World};

/// Sends these bytes on one connection and reads until the server closes it, or has nothing more to say.
async fn say(world: &World, bytes: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(world.address()).await?;
    // it may be closed on us before all is said
    let _ = stream.write_all(bytes).await;
    let mut heard = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(Ok(length @ 1..)) = timeout(Duration::from_millis(500), stream.read(&mut piece)).await {
        heard.extend_from_slice(&piece[..length]);
    }
    Ok(String::from_utf8_lossy(&heard).into_owned())
}

fn statuses(heard: &str) -> Vec<&str> {
    heard.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect()
}

/// What a front server and this one could read as different requests: a smuggled second is never answered.
#[tokio::test(flavor = "multi_thread")]
async fn native_threat_54_smuggled_requests() -> anyhow::Result<()> {
    let world = World::start(HostKind::Native).await?;
    let smuggled = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = smuggled.len();
    let two = say(&world, format!("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n{smuggled}").as_bytes()).await?;
    assert!(
        statuses(&two) == ["200", "200"] && two.contains("nada "),
        "one that is sent openly is answered: {two}"
    );
    let chunk = format!("{length:x}\r\n{smuggled}\r\n0\r\n\r\n");
    for (what, head) in [
        (
            "CL.TE",
            format!(
                "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
                5 + length
            ),
        ),
        ("TE.CL", format!("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}")),
        ("TE.TE", format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n{chunk}")),
        ("TE of another name", format!("Transfer-Encoding: xchunked\r\n\r\n{chunk}")),
        ("TE with a vertical tab", format!("Transfer-Encoding: \u{b}chunked\r\n\r\n{chunk}")),
        ("two lengths", format!("Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}")),
        ("lengths in a list", format!("Content-Length: 0, {length}\r\n\r\n{smuggled}")),
        ("a signed length", format!("Content-Length: +{length}\r\n\r\n{smuggled}")),
        ("a negative length", format!("Content-Length: -1\r\n\r\n{smuggled}")),
        ("a blank before the colon", format!("Content-Length : {length}\r\n\r\n{smuggled}")),
        ("a folded line", format!("X: y\r\n Content-Length: {length}\r\n\r\n{smuggled}")),
        ("a lone line feed", format!("X: y\nContent-Length: {length}\r\n\r\n{smuggled}")),
        ("a lone carriage return", format!("X: y\rContent-Length: {length}\r\n\r\n{smuggled}")),
        ("a NUL", format!("X: y\0\r\n\r\n{smuggled}")),
        ("chunk extensions", format!("Transfer-Encoding: chunked\r\n\r\n0;{}\r\n\r\n", "x".repeat(100_000))),
        ("a chunk of 2^64", format!("Transfer-Encoding: chunked\r\n\r\n1{}\r\n{smuggled}", "0".repeat(16))),
    ] {
        let heard = say(&world, format!("POST /healthz HTTP/1.1\r\nHost: x\r\n{head}").as_bytes()).await?;
        let all = statuses(&heard);
        // what comes after a body that has one reading alone is a request of its own
        assert!(!heard.contains("nada "), "{what}: {heard}");
        assert!(
            all.len() <= 1 && all.iter().all(|status| ["400", "405", "431"].contains(status)),
            "{what}: {heard}"
        );
    }
    world.assert_untouched().await
}

/// Heads that are larger than any request of ours, and fields that name others as their own.
#[tokio::test(flavor = "multi_thread")]
async fn native_threat_56_floods_of_fields() -> anyhow::Result<()> {
    let world = World::start(HostKind::Native).await?;
    let ask = async |fields: String| {
        say(&world, format!("GET /t/{TRACK}/track.json HTTP/1.1\r\nHost: x\r\n{fields}\r\n").as_bytes()).await
    };
    for (what, fields) in [
        ("128 KiB", format!("X: {}\r\n", "a".repeat(128 * 1024))),
        ("500 cookies", "Cookie: a=b\r\n".repeat(500)),
        ("1000 fields", (0..1000).map(|n| format!("X-{n}: y\r\n")).collect()),
    ] {
        let heard = ask(fields).await?;
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 431"), "{what}: {heard}");
    }
    let token = world.token(TRACK);
    let heard =
        ask(format!("CTA-Common-Access-Token: {token}x\r\nConnection: cta-common-access-token, close\r\n"))
            .await?;
    assert_eq!(
        statuses(&heard),
        ["403"],
        "a token that is named a hop's own is judged all the same: {heard}"
    );
    let heard = ask("Connection: host, close\r\nUpgrade: websocket\r\n".to_owned()).await?;
    assert_eq!(statuses(&heard), ["401"], "{heard}");
    world.assert_untouched().await?;
    assert_eq!(world.get("/healthz").await?.status, 200, "and it goes on");
    Ok(())
}
