//! After a fail-over the releases lie in another region than the masters and the function.

use crate::{
    platform::{Platform, Setup},
    proxy::{Proxy, ProxyAnswer},
    sample_release::write_release,
    world::{REGION, World},
};

const ELSEWHERE: &str = "ap-southeast-3";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn releases_in_another_region_than_the_masters_are_published() {
    let Some(world) = World::start(3).await else { return };
    let at = world.release_folder("far");
    write_release(&at, "far", &[2.0]);
    world.submit_only(&at).await;
    let body = world.take_all().await.remove(0);
    world.send(&body).await;
    // as S3 does: 301 to requests in the wrong region
    let proxy = Proxy::start(&world.url, |asked| {
        let there = if asked.path.starts_with("/releases") { ELSEWHERE } else { REGION };
        if asked.region() == there { ProxyAnswer::Pass } else { ProxyAnswer::Status(301) }
    })
    .await;
    let environment =
        vec![("AWS_ENDPOINT_URL_S3", proxy.url()), ("NADA_RELEASES_REGION", ELSEWHERE.to_owned())];
    let platform = Platform::start(&world, &Setup { environment, ..Setup::default() });
    let first = platform.invoked(1).await.remove(0);
    assert_eq!(first.failed.as_deref(), Some([].as_slice()), "{:?}", platform.log());
    let result = world.result("far").await.unwrap();
    assert_eq!(result["state"], "published", "{result}");
    assert_eq!(world.manifest("far-1").await.unwrap()["revision"], 1);
}
