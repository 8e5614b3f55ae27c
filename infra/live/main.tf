locals {
  name = "nada-${var.environment}-${var.company}"
  s3   = var.origin == "s3"
  # a bucket of R2 is read without a key
  secrets = {
    for name, secret in var.secrets : name => coalesce(secret, "nada-${var.environment}-${replace(name, "_", "-")}-1") if local.s3 || name == "keys"
  }
  r2 = {
    host     = try(coalesce(var.r2_hostname, "releases.${var.cloudflare_zone}"), null)
    bucket   = "${local.name}-releases"
    endpoint = "https://${var.cloudflare_account_id}${var.r2_jurisdiction == null ? "" : ".${var.r2_jurisdiction}"}.r2.cloudflarestorage.com"
  }

  # where releases are published, and what `nada serve` reads them from: by S3's protocol, with a key
  releases = one(concat(module.origin.releases[*], module.r2[*].releases))
  served = concat(
    [for origin in module.edge.origins : origin if local.s3],
    [for r2 in [local.r2] : { endpoint = r2.endpoint, bucket = r2.bucket, region = "auto", path_style = true, near = [] } if !local.s3],
  )
}

# The values of one environment over the state of another would replace all of it: the plan ends here.
resource "terraform_data" "environment" {
  triggers_replace = [var.environment, var.company]

  lifecycle {
    prevent_destroy = true
  }
}

# Which commit was applied: its programs are what a plan without changes needs.
resource "terraform_data" "commit" {
  input = var.commit
}

module "origin" {
  source = "../modules/origin"

  name                   = local.name
  origins                = local.s3 ? var.origins : []
  old_versions_days      = var.old_versions_days
  edge_user              = "${local.name}-edge" # infra/bootstrap has made it
  edge_addresses         = var.edge_addresses
  masters_lock_days      = var.masters_lock_days
  masters_archive_days   = var.masters_archive_days
  masters_replica_region = var.masters_replica_region
  alarm_topic_arns       = module.alerts.topic_arns
  permissions_boundary   = var.permissions_boundary
}

# Releases in Cloudflare R2 instead of S3.
module "r2" {
  source = "../modules/r2"
  count  = local.s3 ? 0 : 1

  account_id   = var.cloudflare_account_id
  zone_id      = var.cloudflare_zone_id
  name         = local.r2.bucket
  hostname     = local.r2.host
  closed_by    = module.edge.firewall
  location     = var.r2_location
  jurisdiction = var.r2_jurisdiction
}

module "packager" {
  source = "../modules/packager"

  name                 = local.name
  masters              = module.origin.masters
  releases             = local.releases
  protection           = var.protection
  bootstrap            = "${var.dist}/bootstrap.zip"
  memory_mb            = var.memory_mb
  maximum_concurrency  = var.maximum_concurrency
  log_days             = var.log_days
  alarm_topic_arn      = module.alerts.topic_arns[var.region]
  permissions_boundary = var.permissions_boundary
}

module "edge" {
  source = "../modules/edge"

  account_id             = var.cloudflare_account_id
  zone_id                = var.cloudflare_zone_id
  secrets_store_id       = var.secrets_store_id
  secrets                = local.secrets
  licenses               = var.licenses == null ? null : merge(var.licenses, { bundle = "${var.dist}/license-worker" })
  name                   = "nada-${var.environment}"
  hostname               = var.hostname
  bundle                 = "${var.dist}/worker"
  origins                = concat(module.origin.origins, [for r2 in [local.r2] : { endpoint = "https://${r2.host}" } if !local.s3])
  zone                   = var.cloudflare_zone
  zone_rules             = var.zone_rules
  refusals_limit         = var.refusals_limit
  rollout                = var.rollout
  issuer                 = var.issuer
  audience               = var.audience
  sampling               = var.sampling
  log_sampling           = var.log_sampling
  monthly_requests_alert = var.monthly_requests_alert
  webhook_ids            = var.cloudflare_webhook_ids
  alert_emails           = var.alert_emails
}

module "alerts" {
  source = "../modules/alerts"

  name     = local.name
  regions  = toset(concat([var.region], local.s3 ? var.origins[*].region : [], tolist(var.canary_regions)))
  emails   = var.alert_emails
  webhooks = var.alert_webhooks
}

# From when there is something to play.
module "canary" {
  source = "../modules/canary"
  count  = var.canary_track == null ? 0 : 1

  name                 = local.name
  base_url             = module.edge.base_url
  track                = var.canary_track
  regions              = var.canary_regions
  archive              = "${var.dist}/canary.zip"
  issuer               = var.issuer
  audience             = var.audience
  alarm_topic_arns     = module.alerts.topic_arns
  permissions_boundary = var.permissions_boundary
}

# From when its token is in the Parameter Store.
module "edge_metrics" {
  source = "../modules/edge-metrics"
  count  = var.edge_metrics ? 1 : 0

  name                 = local.name
  account_id           = var.cloudflare_account_id
  dataset              = module.edge.dataset
  edge_user            = local.s3 ? "${local.name}-edge" : null
  archive              = "${var.dist}/canary.zip"
  limits               = var.edge_limits
  alarm_topic_arn      = module.alerts.topic_arns[var.region]
  permissions_boundary = var.permissions_boundary
}

# How long a withdrawal takes, as takedown.yml measures it every hour.
resource "aws_cloudwatch_metric_alarm" "takedown" {
  count = var.takedown_alarm ? 1 : 0

  alarm_name          = "${local.name}-takedown"
  alarm_description   = "A withdrawn track was heard for more than 60 s, or nobody has measured it for three hours: the workflow takedown.yml says which."
  namespace           = "Nada/Takedown"
  metric_name         = "Seconds"
  dimensions          = { Environment = local.name }
  statistic           = "Maximum"
  period              = 10800
  evaluation_periods  = 1
  threshold           = 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [module.alerts.topic_arns[var.region]]
  ok_actions          = [module.alerts.topic_arns[var.region]]
}

module "budget" {
  source = "../modules/budget"

  name                = local.name
  monthly_dollars     = var.monthly_dollars
  alert_emails        = var.alert_emails
  anomaly_monitor_arn = var.anomaly_monitor_arn
}

# Who withdrew what, and who changed which setting.
module "audit" {
  source = "../modules/audit"
  count  = var.audit_days == null ? 0 : 1

  name    = local.name
  buckets = concat([module.origin.masters.bucket], module.origin.origins[*].bucket)
  days    = var.audit_days
}

module "ci" {
  source = "../modules/ci"

  name                 = local.name
  subject              = "repo:${var.repository}:environment:${var.environment}-releases" # not the environment that deploys
  releases             = module.origin.releases                                           # a role of AWS: who publishes to R2 has a key of Cloudflare's
  permissions_boundary = var.permissions_boundary
}
