//! Invocations that end before the work does: fault 26.

use std::time::Duration;

use hyper::Method;

use crate::{
    platform::{Platform, Setup},
    proxy::{Proxy, ProxyAnswer},
    sample_release::write_release,
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_too_short_stops_at_a_safe_point_and_a_redelivery_finishes() {
    let Some(world) = World::start(9).await else { return };
    let at = world.release_folder("long");
    write_release(&at, "long", &[3.0, 360.0]);
    world.submit_only(&at).await;
    let body = world.take_all().await.remove(0);
    world.send(&body).await;
    let setup = Setup {
        timeouts: vec![Duration::from_secs(7), Duration::from_secs(240)],
        deliveries: 9,
        ..Setup::default()
    };
    let platform = Platform::start(&world, &setup);
    let first = platform.invoked(1).await.remove(0);
    let (id, ..) = &first.messages[0];
    assert_eq!(first.failed.as_deref(), Some([id.clone()].as_slice()), "answered in time: not done");
    assert!(world.manifest("long-1").await.is_none(), "nothing is served before all of it is stored");
    let stored = world.stored("tracks/").await;
    // there is a result, if the time was long enough to read the release at all
    if let Some(result) = world.result("long").await {
        assert_eq!(
            (&result["state"], &result["error"]["class"]),
            (&"retrying".into(), &"unavailable".into())
        );
    }
    let result = world.published("long").await;
    world.settled(0).await;
    let last = platform.invocations().pop().unwrap();
    assert_eq!(last.messages[0].2, 2, "{:?}", platform.invocations());
    for track in ["long-1", "long-2"] {
        assert_eq!(world.manifest(track).await.unwrap()["revision"], 1);
    }
    assert_eq!(result["attempt"], 2, "{result}");
    // what the first one had stored was not sent again
    assert!(stored > 0, "the first one did not come far enough to show it");
    let present = result["report"]["present"].as_u64().unwrap();
    assert!(present >= stored, "{present} of {stored} objects: {result}");
    // and each attempt counts what it did: the one cut off the first song, the other the second
    let log = platform.log();
    let done: Vec<_> = (log.iter().filter(|line| line["_aws"].is_object()))
        .map(|line| (line["Retrying"].as_u64(), line["Tracks"].as_u64(), line["AudioSeconds"].as_f64()))
        .collect();
    let [(Some(1), Some(1), Some(first)), (Some(0), Some(1), Some(second))] = done[..] else {
        panic!("{done:?}")
    };
    assert!((3.0..3.1).contains(&first) && (360.0..360.1).contains(&second), "{done:?}");
    let bytes: Vec<_> = log.iter().filter_map(|line| line["UploadedBytes"].as_u64()).collect();
    assert!(bytes.iter().all(|bytes| *bytes > 0), "{bytes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_ended_from_outside_publishes_nothing_half_and_its_message_comes_back() {
    let Some(world) = World::start(9).await else { return };
    let at = world.release_folder("killed");
    write_release(&at, "killed", &[3.0, 240.0]);
    world.submit_only(&at).await;
    let body = world.take_all().await.remove(0);
    world.send(&body).await;
    let setup = Setup { kill_after: Some(Duration::from_secs(3)), deliveries: 9, ..Setup::default() };
    let platform = Platform::start(&world, &setup);
    assert_eq!(platform.invoked(1).await[0].failed, None, "killed");
    assert!(world.manifest("killed-1").await.is_none());
    assert!(world.result("killed").await.is_none());
    world.published("killed").await;
    world.settled(0).await;
    for track in ["killed-1", "killed-2"] {
        assert_eq!(world.manifest(track).await.unwrap()["revision"], 1);
    }
    // masters that the dead one left on its disk are gone
    let left = std::fs::read_dir(world.folder.path().join("tmp-0/nada-masters")).unwrap().count();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_and_a_queue_that_hang_do_not_keep_the_answer_from_being_given() {
    let Some(world) = World::start(9).await else { return };
    let at = world.release_folder("hangs");
    write_release(&at, "hangs", &[2.0]);
    std::fs::write(at.join("1.wav"), vec![0; 5_000]).unwrap();
    world.submit_only(&at).await;
    let body = world.take_all().await.remove(0);
    world.send(&body).await;
    let s3 = Proxy::start(&world.url, |asked| {
        let result = asked.method == Method::PUT && asked.path.contains("result.json");
        if result { ProxyAnswer::Never } else { ProxyAnswer::Pass }
    })
    .await;
    let sqs = Proxy::start(&world.url, |_| ProxyAnswer::Never).await;
    let setup = Setup {
        timeouts: vec![Duration::from_secs(10)],
        deliveries: 9,
        environment: vec![("AWS_ENDPOINT_URL_S3", s3.url()), ("AWS_ENDPOINT_URL_SQS", sqs.url())],
        ..Setup::default()
    };
    let platform = Platform::start(&world, &setup);
    let first = platform.invoked(1).await.remove(0);
    assert!(s3.asked().iter().any(|asked| asked.method == Method::PUT), "the result was begun");
    assert_eq!(sqs.asked().first().map(|asked| asked.operation()), Some("ChangeMessageVisibility"));
    let (id, ..) = &first.messages[0];
    assert_eq!(first.failed.as_deref(), Some([id.clone()].as_slice()), "{:?}", platform.log());
}
