//! Deliveries that come twice, in the wrong order, or for nothing; and messages that nobody can work on.

use serde_json::Value;

use crate::{
    platform::{Platform, Setup},
    sample_release::{release_toml, wav, write_release},
    world::World,
};

/// Fault 23.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_delivered_three_times_at_once_publishes_once() {
    let Some(world) = World::start(5).await else { return };
    let at = world.release_folder("one");
    write_release(&at, "once", &[5.0]);
    world.submit_only(&at).await;
    let bodies = world.take_all().await;
    let [body] = bodies.as_slice() else { panic!("{bodies:?}") };
    for _ in 0..3 {
        world.send(body).await;
    }
    let setup = Setup { concurrency: 3, deliveries: 5, ..Setup::default() };
    let platform = Platform::start(&world, &setup);
    world.settled(0).await;
    assert!(platform.invocations().len() >= 3);
    let manifest = world.manifest("once-1").await.unwrap();
    assert_eq!(manifest["revision"], 1, "published once");
    assert_eq!(manifest["versions"].as_array().unwrap().len(), 1);
    assert_eq!(world.result("once").await.unwrap()["state"], "published");
    let release = world.json(&world.releases, "releases/once.json").await.unwrap();
    assert_eq!(release["state"], "live");

    // and once more, when all is over
    world.send(body).await;
    let before = platform.invocations().len();
    let last = platform.invoked(before + 1).await.pop().unwrap();
    assert_eq!(last.failed.as_deref(), Some([].as_slice()));
    assert_eq!(world.manifest("once-1").await.unwrap(), manifest);
}

/// Fault 24.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_upload_wins_in_whatever_order_its_events_come() {
    let Some(world) = World::start(3).await else { return };
    let at = world.release_folder("two");
    write_release(&at, "twice", &[3.0]);
    world.submit_only(&at).await;
    let old = world.take_all().await.remove(0);
    let toml = std::fs::read_to_string(at.join("release.toml")).unwrap();
    std::fs::write(at.join("release.toml"), toml.replace("Track 1", "Track 1, remastered")).unwrap();
    world.submit_only(&at).await;
    let new = world.take_all().await.remove(0);
    assert_ne!(old, new);

    // the old one first finds the new file, and leaves it to its own event
    let platform = Platform::start(&world, &Setup::default());
    world.send(&old).await;
    world.settled(0).await;
    assert!(world.manifest("twice-1").await.is_none());
    world.send(&new).await;
    world.settled(0).await;
    let manifest = world.manifest("twice-1").await.unwrap();
    assert_eq!((&manifest["title"], &manifest["revision"]), (&"Track 1, remastered".into(), &1.into()));
    // the new one first, the old one late
    world.send(&old).await;
    world.settled(0).await;
    assert_eq!(world.manifest("twice-1").await.unwrap(), manifest);

    // the release was taken back before its event came
    world.delete("inbox/twice/release.toml").await;
    world.send(&new).await;
    world.settled(0).await;
    assert_eq!(world.manifest("twice-1").await.unwrap(), manifest);
    let invocations = platform.invocations();
    assert_eq!(invocations.len(), 4, "{invocations:?}");
    assert!(invocations.iter().all(|i| i.failed.as_deref() == Some([].as_slice())), "{invocations:?}");
}

/// Fault 25.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_master_ends_in_the_dead_letters_and_its_batch_mates_succeed() {
    let Some(world) = World::start(3).await else { return };
    let (broken, good) = (world.release_folder("broken"), world.release_folder("good"));
    write_release(&broken, "broken", &[2.0]);
    std::fs::write(broken.join("1.wav"), vec![0; 5_000]).unwrap();
    write_release(&good, "good", &[2.0]);
    world.submit_only(&broken).await;
    world.submit_only(&good).await;
    world.send("not an event").await;
    world.put("inbox/huge/release.toml", vec![b'#'; (1 << 20) + 1]).await;
    let setup = Setup { batch: 10, ..Setup::default() };
    let platform = Platform::start(&world, &setup);
    let waiting = world.submit(&broken, &[]).await;
    let stderr = String::from_utf8_lossy(&waiting.stderr);
    assert_eq!(waiting.status.code(), Some(65), "{stderr}");
    assert!(stderr.contains("nada: 1.wav: not a supported audio file"), "{stderr}");
    // two submissions of the broken one, the one that is too large, and the message that is none
    world.settled(4).await;

    let first = &platform.invocations()[0];
    assert!(first.messages.len() >= 3, "one batch: {first:?}");
    let id_of =
        |part: &str| first.messages.iter().find(|(_, body, _)| body.contains(part)).unwrap().0.clone();
    let failed = first.failed.as_ref().unwrap();
    assert!(failed.contains(&id_of("broken")) && failed.contains(&id_of("not an event")), "{first:?}");
    assert!(!failed.contains(&id_of("good")), "{first:?}");
    assert_eq!(world.manifest("good-1").await.unwrap()["revision"], 1);
    for part in ["broken", "not an event", "huge"] {
        let deliveries = platform.invocations();
        let counts: Vec<u32> = (deliveries.iter().flat_map(|i| &i.messages))
            .filter(|(id, ..)| *id == id_of(part))
            .map(|(.., receives)| *receives)
            .collect();
        assert_eq!(counts, [1, 2, 3], "{part}");
    }
    let result = world.result("broken").await.unwrap();
    assert_eq!((&result["state"], &result["error"]["class"]), (&"failed".into(), &"input".into()));
    assert!(world.manifest("broken-1").await.is_none());
    let huge = world.result("huge").await.unwrap();
    assert_eq!((&huge["state"], &huge["error"]["class"]), (&"failed".into(), &"input".into()));

    // each with its reason
    let letters = world.dead_letters().await;
    for (part, expected, release) in [
        ("broken", "1.wav: not a supported audio file", Some("broken")),
        ("not an event", "no S3 event", None),
        ("huge", "release.toml: 1048577 bytes, more than the 1048576 that are read", Some("huge")),
    ] {
        let (_, attributes) = letters.iter().find(|(body, _)| body.contains(part)).unwrap();
        assert!(attributes["reason"].contains(expected), "{attributes:?}");
        assert_eq!(
            (attributes["class"].as_str(), attributes.get("release").map(String::as_str)),
            ("input", release)
        );
    }
}

/// What the function cannot send there, the queue moves by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_dead_letters_take_nothing_the_queue_moves_a_message_by_itself() {
    let Some(world) = World::start(2).await else { return };
    world.take_all().await;
    world.send("not an event").await;
    let environment = vec![("NADA_DEAD_LETTERS_URL", world.dead.clone() + "-of-nobody")];
    let platform = Platform::start(&world, &Setup { deliveries: 2, environment, ..Setup::default() });
    world.settled(1).await;
    let invocations = platform.invocations();
    assert!(invocations.iter().all(|one| one.failed.as_ref().is_some_and(|ids| ids.len() == 1)));
    assert_eq!(invocations.len(), 2, "{invocations:?}");
    let letters = world.dead_letters().await;
    assert_eq!(letters, [("not an event".to_owned(), Default::default())]);
}

/// Fault 27.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_with_plus_space_and_unicode_are_decoded_and_empty_objects_ignored() {
    let Some(world) = World::start(3).await else { return };
    let folder = "inbox/a+b कबीर %2F/";
    world.put(&format!("{folder}1.wav"), wav(440.0, 2.0)).await;
    world.put("inbox/empty/", "").await;
    world.put("inbox/empty/release.toml", "").await;
    // no release file, and so not announced at all
    world.put("inbox/other/old-release.toml", release_toml("other", 1)).await;
    world.put(&format!("{folder}release.toml"), release_toml("plus", 1)).await;
    let bodies = world.take_all().await;
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    for body in &bodies {
        let event: Value = serde_json::from_str(body).unwrap();
        let key = event["Records"][0]["s3"]["object"]["key"].as_str().unwrap();
        assert!(!key.contains(' ') && key.is_ascii(), "encoded: {key}");
        world.send(body).await;
    }
    let platform = Platform::start(&world, &Setup { batch: 10, ..Setup::default() });
    world.settled(0).await;
    assert_eq!(world.manifest("plus-1").await.unwrap()["revision"], 1, "{:?}", platform.log());
    let result = world.json(&world.masters, &format!("{folder}result.json")).await.unwrap();
    assert_eq!(result["state"], "published");
    assert!(world.result("empty").await.is_none());
}
