//! `s3://bucket` on the command line, and the key it is opened with.

use std::str::FromStr;

use aws_credential_types::provider::ProvideCredentials as _;
use clap::Args;
use nada_publish::store::{Location, Retries, Store, shared_config};

use crate::{
    exit::{Code, failure},
    terminal::print_notice,
};

/// A bucket: `s3://name`.
#[derive(Debug, Clone)]
pub struct BucketUrl(pub String);

impl FromStr for BucketUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("s3://").map(|name| name.trim_end_matches('/')) {
            Some(name) if !name.is_empty() && !name.contains('/') => Ok(Self(name.to_owned())),
            _ => Err("expected s3://bucket, without a path".to_owned()),
        }
    }
}

/// Where the bucket's endpoint is. Credentials and region come by the AWS SDK's own chain.
#[derive(Args, Clone)]
pub struct EndpointArgs {
    /// An S3-compatible endpoint, addressed by path (default: AWS)
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_S3")]
    pub endpoint_url: Option<String>,
    /// The bucket's region (default: what the environment says)
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

impl EndpointArgs {
    /// Opens the bucket.
    pub async fn open(&self, bucket: &BucketUrl) -> anyhow::Result<Store> {
        Ok(Store::connect(&self.location(bucket.0.clone())).await?)
    }

    fn location(&self, bucket: String) -> Location {
        let Self { endpoint_url, region } = self.clone();
        Location { bucket, endpoint_url, region, credentials: None }
    }

    /// The key of the SDK's chain, and the region if there is one, for an edge that signs by itself.
    pub async fn key(&self) -> anyhow::Result<(nada_edge::Credentials, Option<String>)> {
        let config = shared_config(&self.location(String::new()), &Retries::default()).await;
        let region = self.region.clone().or_else(|| config.region().map(ToString::to_string));
        let none = || {
            failure(
                Code::Access,
                "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
            )
        };
        let provider = config.credentials_provider().ok_or_else(none)?;
        let key = provider.provide_credentials().await.map_err(|_| none())?;
        if key.expiry().is_some() {
            print_notice!(
                "nada: these AWS credentials are temporary and will not be renewed: give the edge a read-only key of its own"
            );
        }
        let credentials = nada_edge::Credentials {
            access_key: key.access_key_id().to_owned(),
            secret_key: key.secret_access_key().to_owned(),
            session_token: key.session_token().map(ToOwned::to_owned),
        };
        Ok((credentials, region))
    }
}
