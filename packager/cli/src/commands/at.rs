//! The bucket that a command works on.

use clap::Args;
use nada_publish::store::Store;

use crate::{
    bucket::{BucketUrl, EndpointArgs},
    exit::{Code, failure},
};

/// `--at s3://bucket`, and where that is.
#[derive(Args)]
pub struct At {
    /// The bucket, as s3://name
    #[arg(long, value_name = "BUCKET")]
    at: BucketUrl,
    #[command(flatten)]
    endpoint: EndpointArgs,
}

/// `--at s3://bucket`, for a command that changes a manifest.
#[derive(Args)]
pub struct Change {
    #[command(flatten)]
    pub at: At,
    /// Change the manifest only if this is its revision still
    #[arg(long, value_name = "N")]
    pub if_revision: Option<u64>,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
}

impl At {
    /// For a command that may do without a bucket.
    #[cfg(feature = "pictures")]
    pub fn new(at: BucketUrl, endpoint: EndpointArgs) -> Self {
        Self { at, endpoint }
    }

    /// Opens the bucket.
    pub async fn open(&self) -> anyhow::Result<Store> {
        self.endpoint.open(&self.at).await
    }

    /// The error that says that something is not there.
    pub fn absent(&self, what: impl std::fmt::Display) -> anyhow::Error {
        failure(Code::Input, format!("{what} is not in s3://{}", self.at.0))
    }
}
