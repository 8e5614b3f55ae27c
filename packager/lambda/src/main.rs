//! `bootstrap`: what the Lambda runtime starts.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use nada_lambda::{event::Batch, job::Job};
use nada_packager::{
    Execution, Isolation, decode_child,
    publish::PublishSettings,
    store::{Location, Store},
};

/// The bucket that releases are published to.
const RELEASES: &str = "NADA_RELEASES_BUCKET";

/// The hidden command: what follows is a song that this program decodes for another process of itself.
const DECODE: &str = "decode-source";

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(command), Some(song)) if command == DECODE => Ok(decode_child(song.as_ref())?),
        _ => tokio::runtime::Runtime::new()?.block_on(serve()),
    }
}

/// Takes batches from the runtime until it ends.
async fn serve() -> Result<(), Error> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).init();
    let location = Location {
        bucket: std::env::var(RELEASES)
            .map_err(|_| format!("{RELEASES} does not name the releases bucket"))?,
        endpoint_url: std::env::var("AWS_ENDPOINT_URL_S3").ok(),
        region: None,
        credentials: None,
    };
    let releases = Store::connect(&location).await?;
    let isolation = Isolation::child(std::env::current_exe()?, vec![DECODE.into()]);
    let execution = Execution { isolation, ..Execution::default() };
    let settings = PublishSettings { execution, ..PublishSettings::default() };
    let job = Job { masters: releases.client().clone(), releases, settings };
    run(service_fn(async |event: LambdaEvent<Batch>| Ok::<_, Error>(job.batch(event.payload).await))).await
}
