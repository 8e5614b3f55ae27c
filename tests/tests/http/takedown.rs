use std::time::{Duration, Instant};

use jiff::Timestamp;
use nada_catalog::{Changes, Status, to_json};
use nada_tests::catalogue::{self, CHANGING};

use crate::world::{World, assert_problem, now};

/// Design §6: `changes.json` names the new revision, then the manifest is switched. A host that holds manifest and
/// bytes stops within 15 s, without having been told otherwise.
pub async fn effective_within_its_bound(world: &World) -> anyhow::Result<()> {
    let path = world.media(CHANGING, "aac-128", "00001.m4s");
    let etag = world.get(&path).await?.header("etag");
    let at = Timestamp::from_second(now()).unwrap();
    let changes = Changes::default().with(&[(CHANGING.parse()?, 2)], at);
    world.origin.put("changes.json", &to_json(&changes)?)?;
    let rights = r#"{"territories":[{"code":"*"}]}"#;
    let mut manifest = catalogue::manifest(CHANGING, rights, Status::Withdrawn, at);
    manifest.revision = 2;
    world.origin.put(&format!("tracks/{CHANGING}/manifest.json"), &to_json(&manifest)?)?;

    let (withdrawn, bound) = (Instant::now(), Duration::from_secs(17));
    let answer = loop {
        let answer = world.get(&path).await?;
        if answer.status != 200 || withdrawn.elapsed() > bound {
            break answer;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    assert_problem(&answer, 410, "withdrawn");
    let held = world.ask("GET", &path, "IN", &[("if-none-match", &etag)]).await?;
    assert_problem(&held, 410, "withdrawn");
    world.origin.put("changes.json", &to_json(&Changes::default().with(&[(CHANGING.parse()?, 2)], at))?)
}
