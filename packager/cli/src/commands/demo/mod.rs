//! `nada demo`: the whole thing on this machine.

mod page;
mod releases;
mod stack;
mod verify;

use std::{net::Ipv4Addr, path::PathBuf};

use clap::Args;
use serde::Serialize;
use tokio::net::TcpListener;

use nada_catalog::{ObjectKey, TrackId};

use crate::{
    exit::{Code, failure},
    signal,
    terminal::{self, print_line},
};
use stack::DemoStack;

/// Package the bundled songs, serve them signed, and print where to listen.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  nada demo\n  nada demo --dir ~/nada-demo --port 9000\n  nada demo --once    # for scripts: do it all, verify every object, exit 0"
)]
pub struct Demo {
    /// The port of edge and player page on 127.0.0.1; 0 takes any
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Keep the data here, so that the next start is instant (default: a temporary folder)
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Fetch and verify every file through the signed URLs, print a summary and exit
    #[arg(long)]
    once: bool,
    /// Print one line of JSON when it is ready, the origin's address and key included
    #[arg(long)]
    json: bool,
}

/// One song, as it is printed.
#[derive(Debug, Clone, Serialize)]
struct Listed {
    track: TrackId,
    title: String,
    artists: Vec<String>,
    protected: bool,
    url: String,
    player: String,
}

impl Demo {
    /// Runs until Ctrl-C, or once.
    pub async fn run(self) -> anyhow::Result<()> {
        // before anything else: a port in use should not cost a minute of packaging
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await.map_err(|error| {
            failure(
                Code::Unavailable,
                format!("127.0.0.1:{}: {error}: choose another port with --port", self.port),
            )
        })?;
        let temporary;
        let dir = match &self.dir {
            Some(dir) => dir.clone(),
            None => {
                temporary = tempfile::Builder::new().prefix("nada-demo-").tempdir()?;
                temporary.path().to_owned()
            }
        };
        let stack = DemoStack::open(&dir).await?;
        let tracks = stack.publish().await?;
        let base = format!("http://{}", listener.local_addr()?);
        let manifests = stack.manifests(&tracks).await?;
        let listed: Vec<Listed> =
            stack.sign(&manifests)?.into_iter().map(|track| listed(track, &base)).collect();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(stack.serve(listener, manifests, async { drop(stopped.await) })?);
        if self.once {
            let mut verified = Vec::new();
            for track in &listed {
                verified.push(
                    verify::verify(&track.url, &async |key: &ObjectKey| stack.stored(key).await).await?,
                );
            }
            summary(&listed, &verified, self.json);
        } else {
            announce(&listed, &base, &stack, self.json);
            signal::stopped().await;
        }
        let _ = stop.send(());
        serving.await??;
        stack.close().await;
        Ok(())
    }
}

fn listed(track: page::ListedTrack, base: &str) -> Listed {
    Listed {
        url: format!("{base}{}", track.url),
        player: format!("{base}/player/#{}", track.url),
        track: track.track,
        title: track.title,
        artists: track.artists,
        protected: track.protected,
    }
}

fn announce(tracks: &[Listed], base: &str, stack: &DemoStack, as_json: bool) {
    if as_json {
        let ready = serde_json::json!({
            "edge": base, "player": format!("{base}/player/"), "songs": tracks,
            "origin": stack.origin(), "keys": stack.keys_file(),
        });
        terminal::json(ready);
        return;
    }
    for track in tracks {
        print_line!("{} — {}", track.title, track.artists.join(", "));
        print_line!("  {}", track.url);
        print_line!("");
    }
    print_line!("Player: {base}/player/");
    print_line!("");
    print_line!(
        "The URLs play in VLC, ffmpeg and hls.js for twelve hours, the protected song on the player page. Ctrl-C ends."
    );
}

fn summary(tracks: &[Listed], verified: &[verify::Verified], as_json: bool) {
    if as_json {
        let rows: Vec<_> = (tracks.iter().zip(verified))
            .map(|(track, verified)| serde_json::json!({ "track": track.track, "title": track.title, "verified": verified }))
            .collect();
        terminal::json(serde_json::json!({ "songs": rows }));
        return;
    }
    for (track, verified) in tracks.iter().zip(verified) {
        print_line!(
            "{}: {} files, {} segments among them, {:.1} MB: fetched through the signed URL and equal to what is stored",
            track.title,
            verified.objects,
            verified.segments,
            verified.bytes as f64 / 1e6
        );
    }
    print_line!("All of it verified.");
}
