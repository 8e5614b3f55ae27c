//! HTTP/2 (RFC 9113) frame by frame, as no client would send it.

use std::{net::SocketAddr, time::Duration};

use anyhow::bail;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An error code: the client behaves as if to do harm.
pub const ENHANCE_YOUR_CALM: u32 = 0xb;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;
/// The most a frame holds before its peer allows more.
const FRAME: usize = 16_384;

/// One frame.
#[derive(Debug)]
pub struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// A field as HPACK writes it without table and Huffman code (RFC 7541 §6.2.2).
pub fn field(name: &str, value: &str) -> Vec<u8> {
    [&[0][..], &text(name), &text(value)].concat()
}

/// A string of HPACK: its length in a prefix of 7 bits (RFC 7541 §5.1), its bytes.
fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    match text.len().checked_sub(127) {
        None => bytes.push(text.len() as u8),
        Some(mut more) => {
            bytes.push(127);
            while more >= 128 {
                bytes.push((more % 128) as u8 | 128);
                more /= 128;
            }
            bytes.push(more as u8);
        }
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

fn head(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let pseudo = [(":method", "GET"), (":scheme", "http"), (":authority", "edge.example"), (":path", path)];
    pseudo.iter().chain(fields).flat_map(|(name, value)| field(name, value)).collect()
}

impl Frame {
    /// A whole request; where its head is long, with the CONTINUATION frames it takes.
    pub fn get(stream: u32, path: &str, fields: &[(&str, &str)]) -> Self {
        Self { kind: HEADERS, flags: END_STREAM | END_HEADERS, stream, payload: head(path, fields) }
    }

    /// A request whose head goes on.
    pub fn unfinished_get(stream: u32, path: &str) -> Self {
        Self { kind: HEADERS, flags: END_STREAM, stream, payload: head(path, &[]) }
    }

    /// More of a head, which goes on.
    pub fn continuation(stream: u32, payload: &[u8]) -> Self {
        Self { kind: CONTINUATION, flags: 0, stream, payload: payload.to_vec() }
    }

    /// So many bytes more that this client takes on a stream; on stream 0, on the connection.
    pub fn window_update(stream: u32, more: u32) -> Self {
        Self { kind: WINDOW_UPDATE, flags: 0, stream, payload: more.to_be_bytes().to_vec() }
    }

    /// A stream's cancellation.
    pub fn reset(stream: u32) -> Self {
        Self { kind: RST_STREAM, flags: 0, stream, payload: 8_u32.to_be_bytes().to_vec() }
    }

    /// As it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let parts: Vec<&[u8]> = match self.payload.len() {
            0 => vec![&[]],
            _ => self.payload.chunks(FRAME).collect(),
        };
        for (index, part) in parts.iter().enumerate() {
            let last = index + 1 == parts.len();
            let kind = if index == 0 { self.kind } else { CONTINUATION };
            let mut flags = if index == 0 { self.flags } else { self.flags & END_HEADERS };
            if !last {
                flags &= !END_HEADERS;
            }
            bytes.extend_from_slice(&(part.len() as u32).to_be_bytes()[1..]);
            bytes.extend_from_slice(&[kind, flags]);
            bytes.extend_from_slice(&self.stream.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// A connection on which the preface was sent.
pub struct Connection {
    pub stream: TcpStream,
}

pub async fn connect(address: SocketAddr) -> anyhow::Result<Connection> {
    connect_with_window(address, 65_535).await
}

/// SETTINGS_INITIAL_WINDOW_SIZE says how much of each answer this client takes unasked.
pub async fn connect_with_window(address: SocketAddr, window: u32) -> anyhow::Result<Connection> {
    let mut stream = TcpStream::connect(address).await?;
    let payload = [&4_u16.to_be_bytes()[..], &window.to_be_bytes()].concat();
    let settings = Frame { kind: SETTINGS, flags: 0, stream: 0, payload };
    stream.write_all(&[PREFACE, &settings.bytes()].concat()).await?;
    Ok(Connection { stream })
}

impl Connection {
    pub async fn send(&mut self, frame: &Frame) -> anyhow::Result<()> {
        Ok(self.stream.write_all(&frame.bytes()).await?)
    }

    async fn next(&mut self) -> anyhow::Result<Frame> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.stream.read_exact(&mut payload).await?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let frame = Frame { kind: head[3], flags: head[4], stream, payload };
        if frame.kind == SETTINGS && frame.flags & ACK == 0 {
            self.send(&Frame { kind: SETTINGS, flags: ACK, stream: 0, payload: Vec::new() }).await?;
        }
        Ok(frame)
    }

    /// Asks whether the server is there, and waits for its word; a little later, so as not to be a flood.
    pub async fn ping(&mut self) -> anyhow::Result<()> {
        sleep(Duration::from_millis(20)).await;
        self.send(&Frame { kind: PING, flags: 0, stream: 0, payload: vec![7; 8] }).await?;
        loop {
            let frame = self.next().await?;
            match frame.kind {
                PING if frame.flags & ACK != 0 => return Ok(()),
                GOAWAY => bail!("the server leaves"),
                DATA if !frame.payload.is_empty() => bail!("more than the window allows"),
                _ => {}
            }
        }
    }

    /// How many requests at once the server allows; it says so first.
    pub async fn streams(&mut self) -> anyhow::Result<Option<u32>> {
        let settings = self.next().await?;
        anyhow::ensure!(settings.kind == SETTINGS, "no SETTINGS come first");
        let number = |bytes: &[u8]| bytes.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
        let mut all = settings.payload.chunks_exact(6);
        Ok(all.find(|setting| number(&setting[..2]) == 3).map(|setting| number(&setting[2..])))
    }

    /// Reads until the server ends the connection.
    pub async fn ended(&mut self) {
        while self.next().await.is_ok() {}
    }

    /// Reads until the answer on this stream is whole, or the server ends the connection; the streams that were
    /// answered with 2xx on the way.
    pub async fn until_answered(&mut self, stream: u32) -> anyhow::Result<Vec<u32>> {
        let mut answered = Vec::new();
        loop {
            let Ok(frame) = self.next().await else { return Ok(answered) };
            if frame.kind == HEADERS && status(&frame.payload).is_some_and(|status| status < 300) {
                answered.push(frame.stream);
            }
            if frame.stream == stream && frame.flags & END_STREAM != 0 && matches!(frame.kind, DATA | HEADERS)
            {
                return Ok(answered);
            }
        }
    }

    /// The status on this stream; `None` where it is reset or the server ends the connection.
    pub async fn status_of(&mut self, stream: u32) -> Option<u16> {
        loop {
            let frame = self.next().await.ok()?;
            match frame.kind {
                HEADERS if frame.stream == stream => return status(&frame.payload),
                RST_STREAM if frame.stream == stream => return None,
                _ => {}
            }
        }
    }

    /// Why the server ends the connection, if it says so.
    pub async fn farewell(&mut self) -> Option<u32> {
        loop {
            let frame = self.next().await.ok()?;
            let code = frame.payload.get(4..8).filter(|_| frame.kind == GOAWAY);
            if let Some(code) = code.and_then(|code| <[u8; 4]>::try_from(code).ok()) {
                return Some(u32::from_be_bytes(code)).filter(|code| *code != 0);
            }
        }
    }
}

/// The status, which comes first in a head: from the static table, or with a literal value (RFC 7541 §6).
fn status(head: &[u8]) -> Option<u16> {
    // a change of the table's size may stand before it
    let head = &head[head.iter().position(|byte| byte & 0xe0 != 0x20)?..];
    match *head.first()? {
        indexed @ 0x88..=0x8e => Some([200, 204, 206, 304, 400, 404, 500][usize::from(indexed - 0x88)]),
        0x08 | 0x18 | 0x48 => {
            let (coded, length) = (head.get(1)? & 0x80 != 0, usize::from(head.get(1)? & 0x7f));
            let value = head.get(2..2 + length)?;
            if coded { digits(value) } else { std::str::from_utf8(value).ok()?.parse().ok() }
        }
        _ => None,
    }
}

/// Decimal digits in HPACK's Huffman code: 0, 1, 2 in five bits, the others in six (RFC 7541 appendix B).
fn digits(coded: &[u8]) -> Option<u16> {
    let bits: String = coded.iter().map(|byte| format!("{byte:08b}")).collect();
    let (mut rest, mut number) = (bits.as_str(), 0_u16);
    while rest.len() >= 5 && rest.contains('0') {
        let five = u16::from_str_radix(&rest[..5], 2).ok()?;
        let (digit, length) = match five {
            0..=2 => (five, 5),
            _ => (u16::from_str_radix(rest.get(..6)?, 2).ok()?.checked_sub(0x19)? + 3, 6),
        };
        number = number * 10 + digit;
        rest = &rest[length..];
    }
    Some(number)
}
