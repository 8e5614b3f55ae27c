use nada_tests::catalogue::{GONE, TRACK, WINDOWS, WORLD, digest, version};

use crate::world::{World, assert_problem};

pub async fn territories(world: &World) -> anyhow::Result<()> {
    let paths = [
        world.path(TRACK, "multivariant.m3u8"),
        world.path(TRACK, "track.json"),
        world.path(TRACK, "lyrics.json"),
        world.path(TRACK, &format!("lyrics/{}/hi.vtt", digest())),
        world.media(TRACK, "aac-128", "media.m3u8"),
        world.media(TRACK, "aac-128", "00001.m4s"),
        world.path(TRACK, "aac-128.mp4"),
        world.path(TRACK, "start/aac-128.mp4"),
        world.path(TRACK, &format!("{}/aac-128.mp4", version())),
    ];
    for path in &paths {
        for country in ["IN", "ID"] {
            assert_eq!(world.ask("GET", path, country, &[]).await?.status, 200, "{country} {path}");
        }
        for country in ["US", "XX", "T1", "", "india"] {
            assert_problem(&world.ask("GET", path, country, &[]).await?, 451, "territory");
        }
        let ranged = world.ask("GET", path, "US", &[("range", "bytes=0-1")]).await?;
        assert_problem(&ranged, 451, "territory");
    }
    for country in ["US", "XX", "T1"] {
        assert_eq!(
            world.ask("GET", &world.path(WORLD, "multivariant.m3u8"), country, &[]).await?.status,
            200
        );
    }
    Ok(())
}

pub async fn windows(world: &World) -> anyhow::Result<()> {
    for path in [
        world.path(WINDOWS, "multivariant.m3u8"),
        world.media(WINDOWS, "heaac-64", "00001.m4s"),
        world.path(WINDOWS, "heaac-64.mp4"),
        world.path(WINDOWS, "start/heaac-64.mp4"),
    ] {
        assert_problem(&world.ask("GET", &path, "IN", &[]).await?, 403, "not_yet");
        assert_problem(&world.ask("GET", &path, "ID", &[]).await?, 410, "ended");
        assert_problem(&world.ask("GET", &path, "US", &[]).await?, 451, "territory");
        assert_eq!(world.ask("GET", &path, "MY", &[]).await?.status, 200);
    }
    Ok(())
}

pub async fn withdrawn(world: &World) -> anyhow::Result<()> {
    for path in [
        world.path(GONE, "multivariant.m3u8"),
        world.media(GONE, "heaac-64", "00001.m4s"),
        world.path(GONE, "heaac-64.mp4"),
        world.path(GONE, "start/heaac-64.mp4"),
    ] {
        assert_problem(&world.get(&path).await?, 410, "withdrawn");
    }
    Ok(())
}

/// A listener who may not hear a track is not told what it is made of.
pub async fn rights_before_existence(world: &World) -> anyhow::Result<()> {
    for file in ["00001.m4s", "00099.m4s"] {
        let answer = world.ask("GET", &world.media(TRACK, "aac-128", file), "US", &[]).await?;
        assert_problem(&answer, 451, "territory");
    }
    Ok(())
}
