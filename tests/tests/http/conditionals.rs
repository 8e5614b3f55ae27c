use nada_tests::catalogue::TRACK;

use crate::world::World;

pub async fn if_none_match(world: &World) -> anyhow::Result<()> {
    let path = world.media(TRACK, "aac-128", "00002.m4s");
    let etag = world.get(&path).await?.header("etag");
    for held in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let answer = world.ask("GET", &path, "IN", &[("if-none-match", &held)]).await?;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{held}");
        assert_eq!(answer.header("etag"), etag);
        assert!(answer.header("cache-control").starts_with("private, max-age="));
    }
    for other in ["\"x\"", "x", ""] {
        assert_eq!(
            world.ask("GET", &path, "IN", &[("if-none-match", other)]).await?.status,
            200,
            "{other:?}"
        );
    }
    // a condition that holds counts before a range (RFC 9110 §13.2.2)
    let both = [("if-none-match", etag.as_str()), ("range", "bytes=0-1")];
    assert_eq!(world.ask("GET", &path, "IN", &both).await?.status, 304);
    Ok(())
}

pub async fn threat_51_if_range(world: &World) -> anyhow::Result<()> {
    let path = world.media(TRACK, "aac-128", "00002.m4s");
    let etag = world.get(&path).await?.header("etag");
    let weak = format!("W/{etag}");
    for (condition, status) in
        [(etag.as_str(), 206), (weak.as_str(), 200), ("\"x\"", 200), ("Sun, 22 Nov 2026 10:00:00 GMT", 200)]
    {
        let asked = [("range", "bytes=0-1"), ("if-range", condition)];
        let answer = world.ask("GET", &path, "IN", &asked).await?;
        assert_eq!(answer.status, status, "{condition}");
        assert_eq!(answer.body.len(), if status == 206 { 2 } else { 48_000 });
    }
    Ok(())
}

pub async fn without_reading_the_object(world: &World) -> anyhow::Result<()> {
    let path = world.media(TRACK, "heaac-64", "00001.m4s");
    let etag = world.get(&path).await?.header("etag");
    let world = world.fresh().await?;
    world.origin.take_seen();
    let answer = world.ask("GET", &path, "IN", &[("if-none-match", &etag)]).await?;
    assert_eq!(answer.status, 304);
    let keys = world.read_keys();
    assert!(!keys.is_empty() && keys.iter().all(|key| key.ends_with(".json")), "{keys:?}");
    // but never before access was decided
    assert_eq!(world.ask("GET", &path, "US", &[("if-none-match", "*")]).await?.status, 451);
    Ok(())
}

/// Conditions that are no conditions here: the whole object, every time.
pub async fn threat_53_odd_conditions(world: &World) -> anyhow::Result<()> {
    let path = world.media(TRACK, "aac-128", "00002.m4s");
    let etag = world.get(&path).await?.header("etag");
    let (cut, unquoted) = (&etag[..etag.len() - 1], etag.trim_matches('"'));
    for (name, value) in [
        ("if-none-match", cut),
        ("if-none-match", unquoted),
        ("if-none-match", "*, \"x\""),
        ("if-none-match", "w/*"),
        ("if-modified-since", "Sun, 22 Nov 2099 10:00:00 GMT"),
        ("if-modified-since", "yesterday"),
        ("if-modified-since", "-1"),
        ("if-match", "\"x\""),
        ("if-unmodified-since", "Sun, 22 Nov 1970 10:00:00 GMT"),
    ] {
        let answer = world.ask("GET", &path, "IN", &[(name, value)]).await?;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 48_000), "{name}: {value}");
    }
    let many = format!("{}{etag}", "\"x\", ".repeat(500));
    assert_eq!(world.ask("GET", &path, "IN", &[("if-none-match", &many)]).await?.status, 304);
    // what does not exist has no representation that `*` could hold
    let absent = world.media(TRACK, "aac-128", "00009.m4s");
    assert_eq!(world.ask("GET", &absent, "IN", &[("if-none-match", "*")]).await?.status, 404);
    Ok(())
}
