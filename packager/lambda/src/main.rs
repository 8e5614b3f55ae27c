//! Packages releases on AWS Lambda: SQS batches of S3 events.
fn main() {}
