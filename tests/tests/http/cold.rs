use nada_tests::catalogue::TRACK;

use crate::world::World;

/// A host that knows nothing reads all that a playlist rests on in one round. The origin says nothing before it was
/// asked for all three: a host that asks for one after the other gets no first byte in time.
pub async fn one_round_of_reads(world: &World) -> anyhow::Result<()> {
    let world = World::start(world.kind).await?;
    world.origin.hold_for(3);
    let answer = world.get(&world.path(TRACK, "multivariant.m3u8")).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut keys = world.read_keys();
    keys.sort();
    assert_eq!(keys, ["changes.json", "revocations.json", &format!("tracks/{TRACK}/manifest.json")]);
    Ok(())
}
