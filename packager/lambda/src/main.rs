//! `bootstrap`: what the Lambda runtime starts.

use std::{
    io::{self, Write},
    path::PathBuf,
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use lambda_runtime::{Context, Error, LambdaEvent, run, service_fn};
use nada_lambda::{
    dead_letters::DeadLetters, deadline::Deadline, event::Batch, job::Job, queue::Queue, secret,
};
use nada_pipeline::{Execution, Isolation, decode_child};
use nada_protection::{DerivedKeys, KeySource};
use nada_publish::{
    publish::PublishSettings,
    store::{Location, Store},
};
use nada_quote::Visible;
use tokio::time::Instant;

/// The bucket that releases are published to.
const RELEASES: &str = "NADA_RELEASES_BUCKET";
/// The region of that bucket, where it is not the function's own.
const RELEASES_REGION: &str = "NADA_RELEASES_REGION";
/// The endpoint of the store that it lies in, where that is not S3.
const RELEASES_ENDPOINT: &str = "NADA_RELEASES_ENDPOINT";
/// The secret with the key to that store, which takes no role of AWS.
const RELEASES_SECRET: &str = "NADA_RELEASES_SECRET";
/// The secret with the seed that the keys of protected tracks are derived from.
const SEED: &str = "NADA_SEED_SECRET";
/// The queue that messages come from, by its URL.
const QUEUE: &str = "NADA_QUEUE_URL";
/// The queue for those that are given up, by its URL.
const DEAD_LETTERS: &str = "NADA_DEAD_LETTERS_URL";
/// Deliveries after which a message is given up.
const DELIVERIES: &str = "NADA_DELIVERIES";
/// Seconds before the first retry.
const RETRY_SECONDS: &str = "NADA_RETRY_SECONDS";
/// Seconds before the first retry where nothing else is said.
const FIRST_PAUSE: u64 = 30;

/// The hidden command: what follows is a master that this program decodes for another process of itself.
const DECODE: &str = "decode-source";
/// The hidden command in which a picture is decoded.
#[cfg(feature = "pictures")]
const PICTURE: &str = "decode-picture";

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(command), Some(master)) if command == DECODE => Ok(decode_child(master.as_ref())?),
        #[cfg(feature = "pictures")]
        (Some(command), Some(picture)) if command == PICTURE => {
            Ok(nada_artwork::read_child(picture.as_ref())?)
        }
        _ => tokio::runtime::Runtime::new()?.block_on(serve()),
    }
}

/// Lines of JSON with nothing in them that a terminal obeys: JSON escapes some of what others wrote, this the rest.
struct Seen<W>(W);

impl<W: Write> Write for Seen<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.0.write_all(Visible::new(&text).json().as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Takes batches from the runtime until it ends.
async fn serve() -> Result<(), Error> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let events = tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter);
    events.with_writer(|| Seen(io::stdout())).init();
    let bucket =
        std::env::var(RELEASES).map_err(|_| format!("{RELEASES} does not name the releases bucket"))?;
    let mut there = location(bucket, std::env::var(RELEASES_REGION).ok());
    if let Ok(endpoint) = std::env::var(RELEASES_ENDPOINT) {
        let name = std::env::var(RELEASES_SECRET)
            .map_err(|_| format!("{RELEASES_SECRET} does not name the secret with the key to {endpoint}"))?;
        there =
            Location { endpoint_url: Some(endpoint), credentials: Some(secret::key(&name).await?), ..there };
    }
    let releases = Store::connect(&there).await?;
    // in the function's own region, whatever became of the releases; each event names its bucket
    let masters = Store::connect(&location(String::new(), None)).await?;
    let isolation = Isolation::child(std::env::current_exe()?, vec![DECODE.into()]);
    #[cfg(feature = "pictures")]
    let pictures = Some(Isolation::child(std::env::current_exe()?, vec![PICTURE.into()]));
    #[cfg(not(feature = "pictures"))]
    let pictures = None;
    let execution = Execution { isolation, ..Execution::default() };
    let keys = match std::env::var(SEED) {
        Ok(name) => Some(Arc::new(DerivedKeys::new(secret::seed(&name).await?)) as Arc<dyn KeySource>),
        Err(_) => None,
    };
    let queue = match std::env::var(QUEUE) {
        Ok(url) => Some(Queue::connect(&url).await),
        Err(_) => None,
    };
    let dead_letters = match std::env::var(DEAD_LETTERS) {
        Ok(url) => Some(DeadLetters::connect(&url).await),
        Err(_) => None,
    };
    let job = Job {
        masters,
        releases,
        // one track at a time, so that the disk needs room for the largest alone
        settings: PublishSettings { execution, keys, pictures, jobs: 1, ..PublishSettings::default() },
        queue,
        dead_letters,
        deliveries: number(DELIVERIES)?,
        first_pause: Duration::from_secs(number(RETRY_SECONDS)?.unwrap_or(FIRST_PAUSE)),
        scratch: scratch()?,
        function: std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "bootstrap".to_owned()),
    };
    run(service_fn(async |event: LambdaEvent<Batch>| {
        let deadline = Deadline::new(Instant::now(), left(&event.context));
        // boxed: nested as deep as it is, its layout is more than the compiler computes
        Ok::<_, Error>(Box::pin(job.batch(event.payload, deadline)).await)
    }))
    .await
}

/// A bucket in that region, with the credentials of the function.
fn location(bucket: String, region: Option<String>) -> Location {
    Location { bucket, endpoint_url: std::env::var("AWS_ENDPOINT_URL_S3").ok(), region, credentials: None }
}

/// What is left of the invocation.
fn left(context: &Context) -> Duration {
    context.deadline().duration_since(SystemTime::now()).unwrap_or_default()
}

/// A variable that holds a number, if it is set.
fn number<N: FromStr>(name: &str) -> Result<Option<N>, String> {
    let Ok(text) = std::env::var(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| format!("{name} is {text:?}: expected a number"))
}

/// The folder for masters, without what an invocation left that was ended from outside: the next one may find the
/// same disk.
fn scratch() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join("nada-masters");
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => std::fs::create_dir_all(&folder)?,
    }
    Ok(folder)
}
