//! Releases in a store that takes no role of AWS, as Cloudflare R2: its key is in Secrets Manager.

use nada_publish::store::{Location, Retries, shared_config};

use crate::{
    platform::{Platform, Setup},
    proxy::{Proxy, ProxyAnswer},
    sample_release::write_release,
    world::{REGION, World},
};

const KEY: &str = "R2-KEY-OF-RELEASES";
const SECRET: &str = "nada-test-releases-key";

/// The environment of a function whose releases lie there, and the proxy that stands for R2: it lets in who has its key.
async fn other_store(world: &World, secret: &str) -> (Vec<(&'static str, String)>, Proxy) {
    let location = Location {
        bucket: String::new(),
        endpoint_url: None,
        region: Some(REGION.to_owned()),
        credentials: Some(("AKIDNADATEST".to_owned(), "any".to_owned())),
    };
    let shared = shared_config(&location, &Retries::default()).await;
    let config = aws_sdk_secretsmanager::config::Builder::from(&shared).endpoint_url(&world.url).build();
    let client = aws_sdk_secretsmanager::Client::from_conf(config);
    client.create_secret().name(SECRET).secret_string(secret).send().await.unwrap();
    let proxy = Proxy::start(&world.url, |asked| {
        if asked.key() == KEY && asked.region() == "auto" && asked.path.starts_with("/releases") {
            ProxyAnswer::Pass
        } else {
            ProxyAnswer::Status(403)
        }
    })
    .await;
    let environment = vec![
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", world.url.clone()),
        ("NADA_RELEASES_ENDPOINT", proxy.url()),
        ("NADA_RELEASES_REGION", "auto".to_owned()),
        ("NADA_RELEASES_SECRET", SECRET.to_owned()),
    ];
    (environment, proxy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn releases_are_published_by_the_key_of_their_own_store() {
    let Some(world) = World::start(3).await else { return };
    let at = world.release_folder("elsewhere");
    write_release(&at, "elsewhere", &[2.0]);
    world.submit_only(&at).await;
    let body = world.take_all().await.remove(0);
    world.send(&body).await;
    let secret = format!(r#"{{"access_key_id": "{KEY}", "secret_access_key": "hush"}}"#);
    let (environment, proxy) = other_store(&world, &secret).await;
    let platform = Platform::start(&world, &Setup { environment, ..Setup::default() });
    let first = platform.invoked(1).await.remove(0);
    assert_eq!(first.failed.as_deref(), Some([].as_slice()), "{:?}", platform.log());
    let result = world.result("elsewhere").await.unwrap();
    assert_eq!(result["state"], "published", "{result}");
    assert_eq!(world.manifest("elsewhere-1").await.unwrap()["revision"], 1);
    // nothing is written there without a condition, as nothing is in S3: the store has no policy that would ask for it
    let writes: Vec<_> = proxy.asked().into_iter().filter(|asked| asked.method == "PUT").collect();
    assert!(writes.len() > 5, "{writes:?}");
    for write in writes {
        let conditional = ["if-none-match", "if-match"].iter().any(|name| write.headers.contains_key(*name));
        assert!(conditional || write.path.contains("uploadId="), "{write:?}");
    }
}
