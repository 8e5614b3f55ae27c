//! Clients that mean no good, on sockets of their own, against the native server: on Cloudflare the platform is in
//! front of the worker. Whether the server let go of one is seen by another, which gets in only then.

use std::{net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use nada_edge_server::Limits;
use nada_tests::{
    catalogue::{self, TRACK, WORLD},
    client::Client,
    host::{Host, Setup},
};
use nada_token::{Claims, Match, Part, UriRule};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::{
    http2::{self, Frame},
    world::{HostKind, World, full_origin, keys, now},
};

/// What ends a test that would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Limits that are reached soon, on a server for this many.
fn impatient(connections: usize) -> Limits {
    let soon = Duration::from_millis(300);
    Limits { connections, head: soon, stall: soon, grace: soon, ..Limits::default() }
}

async fn world(limits: Limits) -> anyhow::Result<World> {
    world_of(|setup| Setup { limits, ..setup }).await
}

/// One that trusts nobody's word on clients.
async fn strangers(limits: Limits) -> anyhow::Result<World> {
    world_of(|setup| Setup { limits, proxies: Vec::new(), ..setup }).await
}

async fn world_of(change: impl FnOnce(Setup) -> Setup) -> anyhow::Result<World> {
    let origin = full_origin().await?;
    let setup = change(Setup::new(&keys().to_json(), &origin));
    let host = Host::native(&setup).await?;
    Ok(World::around(HostKind::Native, origin, host))
}

fn segment(world: &World) -> String {
    world.media(WORLD, "flac", "00001.m4s")
}

/// All that comes until the server ends the connection, by whatever means.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut all)).await.expect("the server ends the connection");
    all
}

/// Sends all of it, unless the server hangs up first; then all that comes.
async fn say(address: SocketAddr, bytes: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let _ = stream.write_all(bytes).await;
    Ok(String::from_utf8_lossy(&rest(&mut stream).await).into_owned())
}

/// Sends one byte after the other, and tells how many the server waited for.
async fn drip(stream: &mut TcpStream, bytes: &[u8]) -> usize {
    for (sent, byte) in bytes.iter().enumerate() {
        let mut answer = [0; 1024];
        // an end is an end, an answer is not
        let ended =
            matches!(timeout(Duration::from_millis(20), stream.read(&mut answer)).await, Ok(Ok(0) | Err(_)));
        if ended || stream.write_all(&[*byte]).await.is_err() {
            return sent;
        }
    }
    bytes.len()
}

/// That a connection which takes the only place is ended by the server, so that another client is served.
async fn makes_room(world: &World, taking: TcpStream) -> anyhow::Result<()> {
    timeout(PATIENCE, async {
        while healthy(world.address()).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await?;
    drop(taking);
    Ok(())
}

/// A whole answer on a connection of its own.
async fn healthy(address: SocketAddr) -> anyhow::Result<()> {
    let answer = Client::default().send("GET", &format!("http://{address}/healthz"), &[]).await?;
    anyhow::ensure!(answer.status == 200 && answer.text().trim() == "ok");
    Ok(())
}

/// One request is never taken for two, however its length is told.
#[tokio::test(flavor = "multi_thread")]
async fn threat_54_request_smuggling() -> anyhow::Result<()> {
    let world = world(impatient(100)).await?;
    let smuggled = "GET /version HTTP/1.1\r\nhost: a\r\n\r\n";
    let length = smuggled.len();
    let chunk = format!("{length:x}\r\n{smuggled}\r\n0\r\n\r\n");
    for (fields, body, malformed) in [
        // CL.0: the server does not read bodies, and takes them for nothing else
        (format!("content-length: {length}\r\n"), smuggled, false),
        // CL.TE and TE.CL
        (
            "content-length: 5\r\ntransfer-encoding: chunked\r\n".to_owned(),
            &*format!("0\r\n\r\n{smuggled}"),
            false,
        ),
        (format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n"), smuggled, false),
        ("content-length: 4\r\ntransfer-encoding: chunked\r\n".to_owned(), &*chunk, false),
        // TE.TE
        ("transfer-encoding: chunked\r\ntransfer-encoding: x\r\n".to_owned(), &*chunk, true),
        ("transfer-encoding: xchunked\r\n".to_owned(), &*chunk, true),
        ("transfer-encoding: chunked, identity\r\n".to_owned(), &*chunk, true),
        ("transfer-encoding : chunked\r\n".to_owned(), &*chunk, true),
        // lengths that two servers may read in two ways
        (format!("content-length: 0\r\ncontent-length: {length}\r\n"), smuggled, true),
        (format!("content-length: 0, {length}\r\n"), smuggled, true),
        (format!("content-length: +{length}\r\n"), smuggled, true),
        ("content-length: -1\r\n".to_owned(), smuggled, true),
        (format!("content-length: 0x{length:x}\r\n"), smuggled, true),
        (format!("content-length:\r\n {length}\r\n"), smuggled, true),
        // chunk extensions without end, and a length that overflows
        (
            "transfer-encoding: chunked\r\n".to_owned(),
            &*format!("1;{}\r\nx\r\n0\r\n\r\n", "a".repeat(100_000)),
            false,
        ),
        ("transfer-encoding: chunked\r\n".to_owned(), &*format!("fffffffffffffffff\r\n{smuggled}"), false),
    ] {
        for method in ["GET", "POST"] {
            let request = format!("{method} /healthz HTTP/1.1\r\nhost: a\r\n{fields}\r\n{body}");
            let answer = say(world.address(), request.as_bytes()).await?;
            assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{request:.300}\n\n{answer}");
            assert!(!answer.contains("nada 0"), "{request:.300}\n\n{answer}");
            assert!(!malformed || answer.starts_with("HTTP/1.1 400"), "{request:.300}\n\n{answer}");
        }
    }
    healthy(world.address()).await?;
    assert_eq!(world.read_keys(), [""; 0]);
    Ok(())
}

/// HTTP/2 has no lines to inject; what would become one elsewhere is no field.
#[tokio::test(flavor = "multi_thread")]
async fn threat_54_line_breaks_in_http2() -> anyhow::Result<()> {
    let world = world(impatient(100)).await?;
    for (name, value) in [
        ("x", "a\r\ntransfer-encoding: chunked"),
        ("x\r\ny", "a"),
        ("x y", "a"),
        ("X", "a"),
        ("transfer-encoding", "chunked"),
        ("connection", "keep-alive"),
        (":path", "/version"),
    ] {
        let mut connection = http2::connect(world.address()).await?;
        connection.send(&Frame::get(1, "/healthz", &[(name, value)])).await?;
        connection.send(&Frame::get(3, "/healthz", &[])).await?;
        let answered = timeout(PATIENCE, connection.until_answered(3)).await??;
        assert!(!answered.contains(&1), "{name}: {value:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_55_slow_heads_and_bodies() -> anyhow::Result<()> {
    let head = format!("GET /healthz HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(5000));
    let body =
        format!("POST /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 5000\r\n\r\n{}", "a".repeat(5000));
    let preface = String::from_utf8_lossy(http2::PREFACE).repeat(100);
    for bytes in [head, body, preface] {
        let world = world(impatient(1)).await?;
        let mut stream = TcpStream::connect(world.address()).await?;
        let sent = timeout(PATIENCE, drip(&mut stream, bytes.as_bytes())).await?;
        assert!(sent < bytes.len(), "{bytes:.60}");
        makes_room(&world, stream).await?;
    }
    Ok(())
}

/// A client that asks for megabytes and takes none of them is let go.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_clients_that_do_not_read() -> anyhow::Result<()> {
    let world = world(impatient(1)).await?;
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut stream = socket.connect(world.address()).await?;
    let request = format!("GET {} HTTP/1.1\r\nhost: a\r\nnada-test-country: IN\r\n\r\n", segment(&world));
    stream.write_all(request.repeat(100).as_bytes()).await?;
    makes_room(&world, stream).await
}

/// The same within HTTP/2's windows. Pings are answered all the while, and are no reason to stay.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_http2_clients_that_do_not_read() -> anyhow::Result<()> {
    let world = world(impatient(1)).await?;
    let mut connection = http2::connect_with_window(world.address(), 0).await?;
    connection.send(&Frame::get(1, &segment(&world), &[("nada-test-country", "IN")])).await?;
    let ended = timeout(PATIENCE, async { while connection.ping().await.is_ok() {} });
    ended.await.expect("the server ends the connection");
    makes_room(&world, connection.stream).await
}

/// A client that reads slowly, but reads, gets all of it, however much longer than a stall that takes.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_slow_readers_are_served() -> anyhow::Result<()> {
    const TIMES: usize = 400;
    let world = world(Limits { stall: Duration::from_secs(1), ..impatient(1) }).await?;
    let (_, media) = catalogue::media(WORLD, "flac", "00001.m4s");
    let mut stream = TcpStream::connect(world.address()).await?;
    let request = format!("GET {} HTTP/1.1\r\nhost: a\r\nnada-test-country: IN\r\n\r\n", segment(&world));
    stream.write_all(request.repeat(TIMES).as_bytes()).await?;
    let (mut all, mut buffer) = (0, vec![0; 256 * 1024]);
    while all < TIMES * media.len() {
        sleep(Duration::from_millis(10)).await;
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await??;
        assert!(read > 0, "ended after {all} bytes");
        all += read;
    }
    Ok(())
}

/// Bytes a second that the next two tests ask of clients.
const RATE: u64 = 100_000;

/// A window that is opened by a little all the while, with requests, resets and pings beside: it keeps no connection.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_http2_clients_that_trickle() -> anyhow::Result<()> {
    for (bytes, ends) in [(4200, true), (60_000, false)] {
        let world = world(Limits { rate: RATE, ..impatient(1) }).await?;
        let path = segment(&world);
        let mut connection = http2::connect_with_window(world.address(), 0).await?;
        connection.send(&Frame::window_update(0, 10_000_000)).await?;
        let streams: Vec<u32> = (0..20).map(|n| 2 * n + 1).collect();
        for stream in &streams {
            connection.send(&Frame::get(*stream, &path, &[("nada-test-country", "IN")])).await?;
        }
        let mut next = 101;
        let trickled = timeout(Duration::from_secs(5), async {
            for stream in streams.iter().cycle() {
                connection.send(&Frame::window_update(*stream, bytes)).await?;
                connection.send(&Frame::get(next, "/healthz", &[])).await?;
                connection.send(&Frame::reset(next)).await?;
                next += 2;
                // what is sent is read, or the kernel's buffers would be what is slow
                let _ = timeout(Duration::from_millis(100), connection.ended()).await;
            }
            anyhow::Ok(())
        });
        assert_eq!(matches!(trickled.await, Ok(Err(_))), ends, "{bytes} bytes ten times a second");
        makes_room(&world, connection.stream).await?;
    }
    Ok(())
}

/// The same over HTTP/1.1: a hundred answers are asked for, and read by the spoonful.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_clients_that_trickle() -> anyhow::Result<()> {
    let world = world(Limits { rate: RATE, ..impatient(1) }).await?;
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut stream = socket.connect(world.address()).await?;
    let request = format!("GET {} HTTP/1.1\r\nhost: a\r\nnada-test-country: IN\r\n\r\n", segment(&world));
    stream.write_all(request.repeat(100).as_bytes()).await?;
    let ended = timeout(PATIENCE, async {
        let mut spoon = [0; 2000];
        // what the system had taken still comes, then the end
        while healthy(world.address()).await.is_err() {
            sleep(Duration::from_millis(100)).await;
            let _ = stream.read(&mut spoon).await;
        }
    });
    ended.await.expect("the server ends the connection");
    Ok(())
}

/// One address has its share of the connections, and another is served; a proxy speaks for many.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_an_address_has_a_limit() -> anyhow::Result<()> {
    let limits = Limits { per_address: 3, ..Limits::default() };
    let from = async |world: &World, address: [u8; 4]| {
        let socket = TcpSocket::new_v4()?;
        socket.bind((address, 0).into())?;
        let mut stream = socket.connect(world.address()).await?;
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let mut answer = [0; 15];
        let answered = timeout(PATIENCE, stream.read_exact(&mut answer)).await?.is_ok();
        anyhow::Ok((stream, answered && answer == *b"HTTP/1.1 200 OK"))
    };
    let world_of_strangers = strangers(limits.clone()).await?;
    let mut held = Vec::new();
    for _ in 0..3 {
        let (stream, answered) = from(&world_of_strangers, [127, 0, 0, 1]).await?;
        assert!(answered);
        held.push(stream);
    }
    assert!(!from(&world_of_strangers, [127, 0, 0, 1]).await?.1, "a fourth");
    assert!(from(&world_of_strangers, [127, 0, 0, 2]).await?.1, "another address");
    assert_eq!(world_of_strangers.counted("nada_refused_connections_total{limit=\"address\"}"), 1);
    drop(held);
    timeout(PATIENCE, async {
        while !from(&world_of_strangers, [127, 0, 0, 1]).await?.1 {}
        anyhow::Ok(())
    })
    .await??;

    let behind_a_proxy = world(limits).await?;
    let mut held = Vec::new();
    for _ in 0..10 {
        let (stream, answered) = from(&behind_a_proxy, [127, 0, 0, 1]).await?;
        assert!(answered);
        held.push(stream);
    }
    Ok(())
}

/// A connection has a few streams; one too many is refused, and the others are answered.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_streams_have_a_limit() -> anyhow::Result<()> {
    let world = world(Limits::default()).await?;
    let mut connection = http2::connect_with_window(world.address(), 0).await?;
    let most = timeout(PATIENCE, connection.streams()).await??.expect("it says how many");
    assert!(most <= 32, "{most}");
    let path = segment(&world);
    for number in 0..=most {
        connection.send(&Frame::get(2 * number + 1, &path, &[("nada-test-country", "IN")])).await?;
    }
    assert_eq!(timeout(PATIENCE, connection.status_of(2 * most + 1)).await?, None, "one too many");
    healthy(world.address()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_55_a_thousand_idle_connections() -> anyhow::Result<()> {
    rlimit::increase_nofile_limit(4096)?;
    let world = world(Limits::default()).await?;
    let address = world.address();
    let idle: Vec<_> = join_all((0..1000).map(|_| TcpStream::connect(address)))
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    assert_eq!(world.get(&segment(&world)).await?.status, 200);
    drop(idle);
    Ok(())
}

/// One connection too many is ended at once, and the others are served.
#[tokio::test(flavor = "multi_thread")]
async fn threat_55_connections_have_a_limit() -> anyhow::Result<()> {
    let world = world(Limits { connections: 2, ..Limits::default() }).await?;
    let mut first = http2::connect(world.address()).await?;
    first.ping().await?;
    let second = TcpStream::connect(world.address()).await?;
    let mut third = TcpStream::connect(world.address()).await?;
    assert_eq!(rest(&mut third).await, b"");
    healthy(world.address()).await.expect_err("both places are taken");
    first.send(&Frame::get(1, "/healthz", &[])).await?;
    assert_eq!(timeout(PATIENCE, first.status_of(1)).await?, Some(200));
    // a client that leaves makes room, too
    drop(first);
    makes_room(&world, second).await
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_55_idle_connections_make_room() -> anyhow::Result<()> {
    let silent = world(impatient(1)).await?;
    makes_room(&silent, TcpStream::connect(silent.address()).await?).await?;
    let in_http2 = world(impatient(1)).await?;
    makes_room(&in_http2, http2::connect(in_http2.address()).await?.stream).await?;
    let after_an_answer = world(impatient(1)).await?;
    let mut stream = TcpStream::connect(after_an_answer.address()).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await?;
    makes_room(&after_an_answer, stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_56_header_floods() -> anyhow::Result<()> {
    let world = world(impatient(100)).await?;
    let long = vec![("cookie".to_owned(), "a".repeat(128 * 1024))];
    let cookies = (0..500).map(|i| ("cookie".to_owned(), format!("name-{i}={}", "a".repeat(100)))).collect();
    let fields = (0..5000).map(|i| (format!("x-{i}"), "a".to_owned())).collect();
    let floods: [Vec<(String, String)>; 3] = [long, cookies, fields];
    for flood in floods {
        let lines: String = flood.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let answer =
            say(world.address(), format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{lines}\r\n").as_bytes())
                .await?;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");

        let mut connection = http2::connect(world.address()).await?;
        let flood: Vec<(&str, &str)> = flood.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let _ = connection.send(&Frame::get(1, "/healthz", &flood)).await;
        let status = timeout(PATIENCE, connection.status_of(1)).await?;
        assert!(matches!(status, None | Some(431)), "{status:?}");
    }
    healthy(world.address()).await
}

/// A client does not choose which of its fields are taken away on the way.
#[tokio::test(flavor = "multi_thread")]
async fn threat_56_hop_by_hop_fields() -> anyhow::Result<()> {
    let world = world(Limits::default()).await?;
    let token = world.token(WORLD);
    let path = format!("/t/{WORLD}/{}/flac/00001.m4s", catalogue::version());
    let fields = [
        ("cta-common-access-token", token.as_str()),
        ("range", "bytes=0-9"),
        ("connection", "close, cta-common-access-token, range, nada-test-country"),
    ];
    let answer = world.ask("GET", &path, "IN", &fields).await?;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (206, 10));
    Ok(())
}

/// CVE-2023-44487: requests that are cancelled as soon as they are sent.
#[tokio::test(flavor = "multi_thread")]
async fn threat_57_rapid_reset() -> anyhow::Result<()> {
    const REQUESTS: u32 = 20_000;
    let world = world(Limits::default()).await?;
    let path = segment(&world);
    let mut connection = http2::connect(world.address()).await?;
    let mut sent = 0;
    while sent < REQUESTS {
        let batch: Vec<u8> = (sent..sent + 100)
            .flat_map(|i| {
                [Frame::get(2 * i + 1, &path, &[("nada-test-country", "IN")]), Frame::reset(2 * i + 1)]
            })
            .flat_map(|frame| frame.bytes())
            .collect();
        if connection.stream.write_all(&batch).await.is_err() {
            break;
        }
        sent += 100;
    }
    let _ = connection.stream.shutdown().await;
    let farewell = timeout(PATIENCE, connection.farewell()).await?;
    assert!(sent < REQUESTS || farewell == Some(http2::ENHANCE_YOUR_CALM), "{sent} requests, {farewell:?}");
    healthy(world.address()).await?;
    let keys = world.read_keys();
    assert!(keys.iter().filter(|key| key.ends_with("/1.mp4")).count() <= 2, "{keys:?}");
    Ok(())
}

/// CVE-2024-27316 and its kin: a head that never ends.
#[tokio::test(flavor = "multi_thread")]
async fn threat_57_continuation_flood() -> anyhow::Result<()> {
    const FRAMES: usize = 20_000;
    let world = world(Limits::default()).await?;
    let mut connection = http2::connect(world.address()).await?;
    connection.send(&Frame::unfinished_get(1, "/healthz")).await?;
    let field = http2::field("x", &"a".repeat(1000));
    let mut sent = 0;
    while sent < FRAMES && connection.send(&Frame::continuation(1, &field)).await.is_ok() {
        sent += 1;
    }
    assert!(sent < FRAMES, "20 MB of a head are taken");
    healthy(world.address()).await
}

/// What cannot be read as a request is answered by the HTTP library. Clients and logs see an answer like the
/// others: with their header fields, logged and counted.
#[tokio::test(flavor = "multi_thread")]
async fn unreadable_requests_are_answered_like_others() -> anyhow::Result<()> {
    let world = world(impatient(100)).await?;
    let long = "a".repeat(100_000);
    let many = "x: y\r\n".repeat(200);
    for (request, status) in [
        ("\0\r\n\r\n".to_owned(), 400),
        ("GET /\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("GET  /healthz HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\r\nhost : a\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_owned(), 400),
        ("HEAD /healthz HTTP/1.1\r\nx: a\0\r\n\r\n".to_owned(), 400),
        (format!("GET /healthz HTTP/1.1\r\n{many}\r\n"), 431),
        (format!("GET /healthz HTTP/1.1\r\nx: {long}\r\n\r\n"), 431),
        (format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"), 431),
    ] {
        let code = if status == 400 { "bad_request" } else { "none" };
        let sample = format!(
            "nada_requests_total{{route=\"none\",status=\"{status}\",code=\"{code}\",country=\"XX\"}}"
        );
        // alone, and after one that is answered
        for before in
            ["", "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n", "HEAD /healthz HTTP/1.1\r\nhost: a\r\n\r\n"]
        {
            let counted = world.counted(&sample);
            let heard = say(world.address(), format!("{before}{request}").as_bytes()).await?;
            let answers: Vec<&str> = heard.split("HTTP/1.1 ").skip(1).collect();
            assert_eq!(answers.len(), if before.is_empty() { 1 } else { 2 }, "{request:.80}: {heard}");
            let (head, body) = answers[answers.len() - 1].split_once("\r\n\r\n").expect("a head");
            assert!(head.starts_with(&status.to_string()), "{request:.80}: {head}");
            for field in [
                "x-content-type-options: nosniff",
                "referrer-policy: no-referrer",
                "cross-origin-resource-policy: cross-origin",
                "cache-control: no-store",
                "connection: close",
                &format!("content-length: {}", body.len()),
            ] {
                assert!(head.lines().any(|line| line == field), "no {field} in {head}");
            }
            assert!(head.lines().any(|line| line.starts_with("date: ") && line.ends_with(" GMT")), "{head}");
            assert_eq!(body.contains("\"bad_request\""), status == 400, "{body}");
            assert_eq!(world.counted(&sample), counted + 1, "{request:.80}");
        }
    }
    // over HTTP/2, heads that are a little too long; what is no request at all has no answer there
    let sample = "nada_requests_total{route=\"none\",status=\"431\",code=\"none\",country=\"XX\"}";
    let counted = world.counted(sample);
    let mut connection = http2::connect(world.address()).await?;
    connection.send(&Frame::get(1, "/healthz", &[("cookie", &"a".repeat(40_000))])).await?;
    assert_eq!(timeout(PATIENCE, connection.status_of(1)).await?, Some(431));
    assert_eq!(world.counted(sample), counted + 1);
    assert_eq!(world.read_keys(), [""; 0]);
    healthy(world.address()).await
}

/// Field values that are no text: what a proxy says of its client that way is not understood, and nobody's address.
#[tokio::test(flavor = "multi_thread")]
async fn threat_18_an_address_in_odd_bytes() -> anyhow::Result<()> {
    let world = world(impatient(100)).await?;
    let mut claims = Claims { iat: Some(now()), ..Claims::for_track(TRACK, now() + 600) };
    claims.networks = vec!["127.0.0.0/8".parse()?, "203.0.113.0/24".parse()?];
    let path = format!("/~{}/t/{TRACK}/track.json", world.sign(&claims));
    for (lines, status) in [
        (vec![&b"x-forwarded-for: \xff, 203.0.113.7"[..]], "200"),
        (vec![b"x-forwarded-for: \xff", b"x-forwarded-for: 203.0.113.7:80"], "200"),
        (vec![b"x-forwarded-for: \xff, 203.0.113.7, 127.0.0.1"], "200"),
        (vec![b"x-forwarded-for: \xff, 198.51.100.7"], "403"),
        (vec![b"x-forwarded-for: \xff"], "403"),
        (vec![b"x-forwarded-for: 203.0.113.7, \xff"], "403"),
        (vec![b"x-forwarded-for: 203.0.113.7", b"x-forwarded-for: \xff, 127.0.0.1"], "403"),
        (vec![b"x-forwarded-for: 203.0.113.7\xff"], "403"),
        (vec![b"forwarded: for=203.0.113.7"], "200"),
        (vec![b"forwarded: for=\"\xff\""], "403"),
        (vec![b"X-Forwarded-For: 203.0.113.7", b"forwarded: \xff"], "403"),
    ] {
        let mut request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n").into_bytes();
        request.extend_from_slice(b"nada-test-country: IN\r\n");
        for line in &lines {
            request.extend_from_slice(line);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        let answer = say(world.address(), &request).await?;
        let shown = lines.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>();
        assert_eq!(answer.get(9..12), Some(status), "{shown:?}: {answer}");
    }
    Ok(())
}

/// Country, address and host of a client are read from HTTP/2 as from HTTP/1.1: all that a token may ask.
#[tokio::test(flavor = "multi_thread")]
async fn whence_a_request_comes_in_http2() -> anyhow::Result<()> {
    let world = world(Limits::default()).await?;
    let host = UriRule { part: Part::Host, test: Match::Exact("edge.example".to_owned()) };
    let mut claims = Claims { iat: Some(now()), ..Claims::for_track(TRACK, now() + 600) };
    claims.uri.push(host);
    claims.networks = vec!["203.0.113.0/24".parse()?];
    let path = format!("/~{}/t/{TRACK}/track.json", world.sign(&claims));
    for (country, forwarded, status) in [
        ("IN", "203.0.113.7", 200),
        ("IN", "203.0.113.7, 127.0.0.1", 200),
        ("US", "203.0.113.7", 451),
        ("IN", "198.51.100.1", 403),
        ("IN", "203.0.113.7, 198.51.100.1", 403),
    ] {
        let mut connection = http2::connect(world.address()).await?;
        let fields = [("nada-test-country", country), ("x-forwarded-for", forwarded)];
        connection.send(&Frame::get(1, &path, &fields)).await?;
        let seen = timeout(PATIENCE, connection.status_of(1)).await?;
        assert_eq!(seen, Some(status), "{country} {forwarded}");
    }
    // a cookie may come in crumbs (RFC 9113 §8.2.3)
    let plain = world.token(TRACK);
    let mut connection = http2::connect(world.address()).await?;
    let token = format!("CTA-Common-Access-Token={plain}");
    let fields = [("nada-test-country", "IN"), ("cookie", "a=b"), ("cookie", &token), ("cookie", "c=d")];
    connection.send(&Frame::get(1, &format!("/t/{TRACK}/track.json"), &fields)).await?;
    assert_eq!(timeout(PATIENCE, connection.status_of(1)).await?, Some(200));
    Ok(())
}
