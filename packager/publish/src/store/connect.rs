//! Opening a bucket: credentials and region by the SDK's own chain, unless they are given.

use std::{fmt, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{Credentials, RequestChecksumCalculation, ResponseChecksumValidation},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use super::{Retries, StoreError};

/// Where a bucket lies and how to be let in.
#[derive(Clone)]
pub struct Location {
    /// Its name.
    pub bucket: String,
    /// The endpoint of an S3-compatible store, addressed by path; `None` for S3 itself.
    pub endpoint_url: Option<String>,
    /// Its region; `None` for what the environment says.
    pub region: Option<String>,
    /// Access key id and secret; `None` for what the environment says.
    pub credentials: Option<(String, String)>,
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Location")
            .field("bucket", &self.bucket)
            .field("endpoint_url", &self.endpoint_url)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// The region named to stores that have none of their own.
const ANY_REGION: &str = "us-east-1";

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the answer to a request may take, which includes that its body is sent.
const ANSWER: Duration = Duration::from_secs(30);
/// The same for a large object: 4 MiB go up in 256 s at 16 KiB/s, which is what each of four has of an uplink of 0.5 Mbit/s.
const ANSWER_TO_LARGE: Duration = Duration::from_secs(300);
/// Objects of more bytes are large.
const LARGE: usize = 256 << 10;

/// What a write of so many bytes is given besides what all requests have.
pub(super) fn patience(bytes: usize) -> Option<aws_sdk_s3::config::Builder> {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(ANSWER_TO_LARGE).build();
    (bytes > LARGE).then(|| aws_sdk_s3::config::Builder::new().timeout_config(timeouts))
}

/// What all clients of AWS are made of: credentials and a region by the SDK's own chain, TLS by ring.
pub async fn shared_config(location: &Location, retries: &Retries) -> SdkConfig {
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .timeout_config(timeouts)
        .retry_config(retries.config());
    if let Some(region) = &location.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some((id, secret)) = &location.credentials {
        loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "nada"));
        if location.region.is_none() && location.endpoint_url.is_some() {
            loader = loader.region(Region::new(ANY_REGION));
        }
    }
    loader.load().await
}

pub(super) async fn client(location: &Location, retries: &Retries) -> Result<Client, StoreError> {
    let shared = shared_config(location, retries).await;
    let mut config = aws_sdk_s3::config::Builder::from(&shared)
        // every write states its SHA-256; a second sum over the same bytes adds nothing
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .retry_partition(retries.partition())
        .response_checksum_validation(ResponseChecksumValidation::WhenSupported);
    if let Some(url) = &location.endpoint_url {
        config = config.endpoint_url(url).force_path_style(true);
    }
    if shared.region().is_none() {
        if location.endpoint_url.is_none() {
            return Err(StoreError::NoRegion);
        }
        config = config.region(Region::new(ANY_REGION));
    }
    Ok(Client::from_conf(config.build()))
}
