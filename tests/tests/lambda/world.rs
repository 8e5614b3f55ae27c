//! Buckets and queues as Terraform makes them, in a moto server of this test's own.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Event, FilterRule, FilterRuleName,
    NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
};
use aws_sdk_sqs::types::{Message, MessageAttributeValue, QueueAttributeName};
use nada_publish::store::{Location, Retries, Store, shared_config};
use nada_tests::demo::nada;
use serde_json::Value;

pub const REGION: &str = "ap-south-1";
const KEYS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "AKIDNADATEST"),
    ("AWS_SECRET_ACCESS_KEY", "test-secret-of-no-account"),
    ("AWS_REGION", REGION),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];
/// Seconds until a message that nobody speaks of again comes back.
const VISIBILITY: u32 = 20;

/// A moto server with the two buckets, the queue and its dead letters.
pub struct World {
    server: Child,
    pub url: String,
    pub masters: Store,
    pub releases: Store,
    pub sqs: aws_sdk_sqs::Client,
    pub queue: String,
    pub dead: String,
    pub folder: tempfile::TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl World {
    /// Starts it; `None`, and a line that says so, where moto is not installed. A message is given up after
    /// `max_receives` deliveries.
    pub async fn start(max_receives: u32) -> Option<Self> {
        Self::start_with(max_receives, VISIBILITY).await
    }

    /// Starts it with a queue that hides messages for so many seconds.
    pub async fn start_with(max_receives: u32, visibility: u32) -> Option<Self> {
        let server = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut server) = server else {
            eprintln!(
                "SKIPPED: the Lambda from end to end: moto_server is not installed; tests/run says why"
            );
            return None;
        };
        let url = address(&mut server, "Running on ");
        let location = |bucket: &str| Location {
            bucket: bucket.to_owned(),
            endpoint_url: Some(url.clone()),
            region: Some(REGION.to_owned()),
            credentials: Some((KEYS[0].1.to_owned(), KEYS[1].1.to_owned())),
        };
        let masters = Store::connect(&location("masters")).await.unwrap();
        let shared = shared_config(&location(""), &Retries::default()).await;
        let sqs = aws_sdk_sqs::config::Builder::from(&shared).endpoint_url(&url).build();
        let sqs = aws_sdk_sqs::Client::from_conf(sqs);
        let (queue, dead) = queues(&sqs, max_receives, visibility).await;
        let releases = masters.beside("releases");
        for store in [&masters, &releases] {
            let there = CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(REGION))
                .build();
            let create = store.client().create_bucket().bucket(store.bucket());
            create.create_bucket_configuration(there).send().await.unwrap();
        }
        notify(&masters, &arn(&sqs, &queue).await).await;
        let folder = tempfile::tempdir().unwrap();
        Some(Self { server, url, masters, releases, sqs, queue, dead, folder })
    }

    /// The environment of all programs.
    pub fn environment(&self) -> Vec<(String, String)> {
        let own = [("AWS_ENDPOINT_URL_S3", &self.url), ("AWS_ENDPOINT_URL_SQS", &self.url)];
        let own = own.map(|(name, value)| (name.to_owned(), value.clone()));
        KEYS.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().chain(own).collect()
    }

    /// `nada ARGS`, run in the folder of a release.
    pub fn nada(&self, at: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(nada().unwrap());
        command.args(args).current_dir(at).envs(self.environment());
        command
    }

    /// `nada submit`, in the folder of a release.
    pub async fn submit(&self, at: &Path, more: &[&str]) -> Output {
        let mut command =
            self.nada(at, &["submit", "release.toml", "--to", "s3://masters", "--timeout", "4m"]);
        command.args(more);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// `nada submit --no-wait`, which has to succeed.
    pub async fn submit_only(&self, at: &Path) {
        let output = self.submit(at, &["--no-wait"]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// An object as JSON.
    pub async fn json(&self, store: &Store, key: &str) -> Option<Value> {
        let found = store.client().get_object().bucket(store.bucket()).key(key).send().await.ok()?;
        Some(serde_json::from_slice(&found.body.collect().await.unwrap().into_bytes()).unwrap())
    }

    pub async fn manifest(&self, track: &str) -> Option<Value> {
        self.json(&self.releases, &format!("tracks/{track}/manifest.json")).await
    }

    pub async fn result(&self, release: &str) -> Option<Value> {
        self.json(&self.masters, &format!("inbox/{release}/result.json")).await
    }

    /// The result of a release, when it says that it is published.
    pub async fn published(&self, release: &str) -> Value {
        for _ in 0..1200 {
            match self.result(release).await {
                Some(result) if result["state"] == "published" => return result,
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        panic!("{release} is not published: {:?}", self.result(release).await);
    }

    /// Objects of the releases bucket below a prefix.
    pub async fn stored(&self, prefix: &str) -> u64 {
        self.releases.list_all(prefix).await.unwrap().len() as u64
    }

    /// Puts an object into the masters bucket.
    pub async fn put(&self, key: &str, bytes: impl Into<Vec<u8>>) {
        let put = self.masters.client().put_object().bucket("masters").key(key);
        put.body(bytes.into().into()).send().await.unwrap();
    }

    pub async fn delete(&self, key: &str) {
        self.masters.client().delete_object().bucket("masters").key(key).send().await.unwrap();
    }

    /// Takes the next message out of the queue for good; `None` where it is empty.
    pub async fn take(&self) -> Option<String> {
        let receive = self.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(1);
        let message = receive.send().await.unwrap().messages?.into_iter().next()?;
        let receipt = message.receipt_handle.unwrap();
        self.sqs.delete_message().queue_url(&self.queue).receipt_handle(receipt).send().await.unwrap();
        message.body
    }

    /// All messages of the queue, taken out of it, but `s3:TestEvent`.
    pub async fn take_all(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        while let Some(body) = self.take().await {
            if !body.contains("s3:TestEvent") {
                bodies.push(body);
            }
        }
        bodies
    }

    pub async fn send(&self, body: &str) {
        self.sqs.send_message().queue_url(&self.queue).message_body(body).send().await.unwrap();
    }

    /// Messages in the queue, under way included, and in its dead letters.
    pub async fn depths(&self) -> (u32, u32) {
        let mut depths = [0, 0];
        for (depth, url) in depths.iter_mut().zip([&self.queue, &self.dead]) {
            let names = [
                QueueAttributeName::ApproximateNumberOfMessages,
                QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            ];
            let get = self.sqs.get_queue_attributes().queue_url(url);
            let found = get.set_attribute_names(Some(names.to_vec())).send().await.unwrap();
            *depth = names.iter().map(|n| found.attributes().unwrap()[n].parse::<u32>().unwrap()).sum();
        }
        (depths[0], depths[1])
    }

    /// The dead letters, each with its body and its attributes as text; they stay where they are.
    pub async fn dead_letters(&self) -> Vec<(String, BTreeMap<String, String>)> {
        let receive = self.sqs.receive_message().queue_url(&self.dead).max_number_of_messages(10);
        let receive = receive.message_attribute_names("All").visibility_timeout(0);
        let text = |(name, value): (String, MessageAttributeValue)| (name, value.string_value.unwrap());
        let messages = receive.send().await.unwrap().messages.unwrap_or_default();
        let letter = |message: Message| {
            let attributes = message.message_attributes.unwrap_or_default();
            (message.body.unwrap(), attributes.into_iter().map(text).collect())
        };
        messages.into_iter().map(letter).collect()
    }

    /// Waits until the queue is empty and its dead letters are so many; seen twice, since a message may just be on its
    /// way from invisible to visible.
    pub async fn settled(&self, dead: u32) {
        let mut seen = 0;
        for _ in 0..1200 {
            seen = if self.depths().await == (0, dead) { seen + 1 } else { 0 };
            if seen == 2 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{:?} messages are left, and dead", self.depths().await);
    }

    /// A folder for one release's files.
    pub fn release_folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}

/// The address that a server prints on standard error after `before`, which is read on so that it never blocks.
pub fn address(server: &mut Child, before: &str) -> String {
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let found = lines.by_ref().find_map(|line| {
        let line = line.unwrap();
        line.split_once(before).map(|(_, url)| url.trim().to_owned())
    });
    std::thread::spawn(move || lines.for_each(drop));
    found.unwrap()
}

async fn queues(sqs: &aws_sdk_sqs::Client, max_receives: u32, visibility: u32) -> (String, String) {
    let create = async |name: &str, attributes: &[(QueueAttributeName, String)]| {
        let mut create = sqs.create_queue().queue_name(name);
        for (name, value) in attributes {
            create = create.attributes(name.clone(), value);
        }
        create.send().await.unwrap().queue_url.unwrap()
    };
    let dead = create("packager-dead", &[]).await;
    let redrive =
        serde_json::json!({ "deadLetterTargetArn": arn(sqs, &dead).await, "maxReceiveCount": max_receives });
    let attributes = [
        (QueueAttributeName::RedrivePolicy, redrive.to_string()),
        (QueueAttributeName::VisibilityTimeout, visibility.to_string()),
    ];
    (create("packager", &attributes).await, dead)
}

async fn arn(sqs: &aws_sdk_sqs::Client, url: &str) -> String {
    let get = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
    get.send().await.unwrap().attributes.unwrap()[&QueueAttributeName::QueueArn].clone()
}

/// The masters bucket tells the queue of each `inbox/*/release.toml`, by the filter of `infra/modules/packager`.
async fn notify(masters: &Store, queue: &str) {
    let rule = |name, value: &str| FilterRule::builder().name(name).value(value).build();
    let filter = S3KeyFilter::builder()
        .filter_rules(rule(FilterRuleName::Prefix, "inbox/"))
        .filter_rules(rule(FilterRuleName::Suffix, "/release.toml"))
        .build();
    let to_queue = QueueConfiguration::builder()
        .queue_arn(queue)
        .events(Event::S3ObjectCreated)
        .filter(NotificationConfigurationFilter::builder().key(filter).build())
        .build()
        .unwrap();
    let all = NotificationConfiguration::builder().queue_configurations(to_queue).build();
    let put = masters.client().put_bucket_notification_configuration().bucket("masters");
    put.notification_configuration(all).send().await.unwrap();
}
