//! What the hosts write down: whatever goes wrong, no token and no key is in it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use nada_tests::{
    catalogue::{self, HOLLOW, TRACK, WORLD},
    origin::{OriginFault, SECRET_KEY},
};
use nada_token::Claims;
use tracing_subscriber::filter::LevelFilter;

use crate::world::{HostKind, World, now};

/// Requests that end in every way there is, with tokens on every way in; what must not be written anywhere.
async fn provoke(world: &World) -> anyhow::Result<Vec<String>> {
    let good = world.token(TRACK);
    let claims = Claims {
        sub: Some("listener-4711".into()),
        cti: Some(b"secret-id".to_vec()),
        ..Claims::for_track(TRACK, now() + 600)
    };
    let named = world.sign(&claims);
    let late = world.sign(&Claims::for_track(TRACK, now() - 300));
    let elsewhere =
        world.sign(&Claims { countries: vec!["FR".into()], ..Claims::for_track(TRACK, now() + 600) });
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    let segment = format!("{}/aac-128/00001.m4s", catalogue::version());
    let tokens = [good.clone(), named, late, elsewhere, forged, "not-a-token-at-all".to_owned()];
    for token in &tokens {
        let file = format!("t/{TRACK}/{segment}");
        let referer = format!("https://player.example/~{token}/t/{TRACK}/multivariant.m3u8");
        let agent = format!("evil\t{token}");
        let fields = [("referer", referer.as_str()), ("user-agent", agent.as_str())];
        world.ask("GET", &format!("/~{token}/{file}"), "IN", &fields).await?;
        world.ask("GET", &format!("/~{token}/{file}"), "US", &fields).await?;
        world.ask("POST", &format!("/~{token}/{file}"), "IN", &[("content-length", "0")]).await?;
        world.get(&format!("/~{token}/t/{WORLD}/track.json")).await?;
        world.get(&format!("/~{token}/nothing")).await?;
        world.get(&format!("/~{token}")).await?;
        world.get(&format!("/x/~{token}/t/{TRACK}/track.json")).await?;
        world.get(&format!("/{file}?CAT={token}&CMCD=sid%3D%22{token}%22%2Cbl%3D100")).await?;
        world.get(&format!("/{file}?CAT={token}&CAT={good}")).await?;
        world.get(&format!("/{file}?{}={token}", "x".repeat(9000))).await?;
        for name in ["cta-common-access-token", "cookie", "authorization", "cmcd-request"] {
            let value =
                if name == "cookie" { format!("CTA-Common-Access-Token={token}") } else { token.clone() };
            world.ask("GET", &format!("/{file}"), "IN", &[(name, &value)]).await?;
        }
    }
    let hollow = world.token(HOLLOW);
    world.get(&format!("/~{hollow}/t/{HOLLOW}/{segment}")).await?;
    let other = world.token(WORLD);
    for (n, fault) in [
        OriginFault::Unavailable,
        OriginFault::ErrorUnder200,
        OriginFault::TruncatedJson,
        OriginFault::TruncatedMedia,
    ]
    .into_iter()
    .enumerate()
    {
        world.origin.set_fault(fault);
        let rendition = ["heaac2-32", "heaac-64", "aac-128", "flac"][n];
        let file = format!("t/{WORLD}/{}/{rendition}/00002.m4s", catalogue::version());
        // its body may be cut
        let _ = world.get(&format!("/~{other}/{file}?CAT={other}")).await;
        world.origin.set_fault(OriginFault::None);
    }
    let mut secrets = tokens.to_vec();
    secrets.extend([
        hollow,
        other,
        SECRET_KEY.to_owned(),
        "listener-4711".to_owned(),
        "Signature=".to_owned(),
    ]);
    // the claims, in the middle of a token, are as good as the whole of it
    let middles: Vec<String> =
        secrets.iter().filter(|s| s.len() > 80).map(|s| s[40..72].to_owned()).collect();
    secrets.extend(middles);
    Ok(secrets)
}

fn assert_silent(text: &str, secrets: &[String]) {
    assert!(
        text.contains("token_invalid") && text.contains("origin_unavailable"),
        "it was written: {text:.2000}"
    );
    for secret in secrets {
        let line = text.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "holds {secret}");
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// on one thread, so that the subscriber sees every task
#[tokio::test]
async fn native_threat_26_no_token_in_the_log() -> anyhow::Result<()> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::cached(HostKind::Native).await?;
    let secrets = provoke(&world).await?;
    let text = String::from_utf8(lines.0.lock().unwrap().clone())?;
    // the origin of the tests is in this process, and its crate tells all it sees
    let edge: Vec<&str> = text.lines().filter(|line| !line.contains("\"target\":\"s3s")).collect();
    assert_silent(&edge.join("\n"), &secrets);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_threat_26_no_token_on_the_console() -> anyhow::Result<()> {
    let world = World::cached(HostKind::Worker).await?;
    let secrets = provoke(&world).await?;
    assert_silent(&world.console().await?.join("\n"), &secrets);
    Ok(())
}
