//! `bootstrap`: what the Lambda runtime starts.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use nada_lambda::{event::Batch, job::Job};
use nada_packager::{
    publish::PublishSettings,
    store::{Location, Store},
};

/// The bucket that releases are published to.
const RELEASES: &str = "NADA_RELEASES_BUCKET";

#[tokio::main]
async fn main() -> Result<(), Error> {
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
    let job = Job { masters: releases.client().clone(), releases, settings: PublishSettings::default() };
    run(service_fn(async |event: LambdaEvent<Batch>| Ok::<_, Error>(job.batch(event.payload).await))).await
}
