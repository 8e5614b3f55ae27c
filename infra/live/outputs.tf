output "releases" {
  description = "Where to publish: `nada publish --to s3://BUCKET --region REGION`, with `--endpoint-url` where there is one."
  value       = local.releases
}

output "masters" {
  description = "Where to submit: `nada submit --to s3://BUCKET`."
  value       = module.origin.masters.bucket
}

output "origins" {
  description = "What the edge reads from, the primary first: `nada serve --origins` takes it as a file. Of R2 it is the bucket by S3's protocol."
  value       = local.served
}

output "bucket_hostname" {
  description = "The host name by which the worker alone reads the bucket of R2; null where releases lie in S3."
  value       = local.s3 ? null : local.r2.host
}

output "primary_policies" {
  description = "For each replica, the policy that its bucket gets as the primary: for `aws s3api put-bucket-policy` while Terraform cannot reach the primary."
  value       = module.origin.primary_policies
}

output "backfill_role_arn" {
  description = "The role of the job that copies to a new replica what is there already: `aws s3control create-job`."
  value       = module.origin.backfill_role_arn
}

output "base_url" {
  description = "What signed URLs begin with: `nada sign --base`."
  value       = module.edge.base_url
}

output "dataset" {
  description = "The Analytics Engine data set with one point for each request."
  value       = module.edge.dataset
}

output "publisher_role_arn" {
  description = "The role of the publishing workflow."
  value       = module.ci.role_arn
}

output "dead_letters_url" {
  description = "The queue of releases that were given up."
  value       = module.packager.dead_letters_url
}

output "dead_letters_arn" {
  description = "That queue, as `--source-arn` of `aws sqs start-message-move-task`."
  value       = module.packager.dead_letters_arn
}

output "queue_arn" {
  description = "The queue where releases wait, as its `--destination-arn`."
  value       = module.packager.queue_arn
}

output "worker" {
  description = "The edge's worker, its account, and which versions should answer."
  value       = module.edge.worker
}

output "worker_version" {
  description = "The version of the edge that is built now."
  value       = module.edge.version
}

output "commit" {
  description = "The commit that was applied last, if a workflow applied it."
  value       = terraform_data.commit.output
}

output "name" {
  description = "What the names of resources in AWS begin with, alarms among them."
  value       = local.name
}

output "region" {
  description = "Where the Lambda, the masters and the alarms lie."
  value       = var.region
}

output "canary_regions" {
  description = "Where alarms of the canary are; none before there is a track to play."
  value       = var.canary_track == null ? [] : module.canary[0].regions
}

output "alarm_topics" {
  description = "The topic that alarms go to, in each region that has some."
  value       = module.alerts.topic_arns
}
