locals {
  name = "nada-production-${var.company}"
}

module "origin" {
  source = "../../modules/origin"

  name              = local.name
  origins           = var.origins
  old_versions_days = 90
  alarm_topic_arn   = module.packager.alarm_topic_arn
}

module "packager" {
  source = "../../modules/packager"

  name                = local.name
  masters             = module.origin.masters
  releases            = module.origin.releases
  bootstrap           = "${var.dist}/bootstrap.zip"
  maximum_concurrency = 20
  log_days            = 365
  alarm_emails        = var.alert_emails
}

module "edge" {
  source = "../../modules/edge"

  account_id             = var.cloudflare_account_id
  zone_id                = var.cloudflare_zone_id
  secrets_store_id       = var.secrets_store_id
  secrets                = var.secrets
  name                   = "nada-production"
  hostname               = var.hostname
  bundle                 = "${var.dist}/worker"
  origins                = module.origin.origins
  issuer                 = var.issuer
  audience               = var.audience
  log_sampling           = 0.01
  monthly_requests_alert = 2000000000
  alert_emails           = var.alert_emails
}

module "ci" {
  source = "../../modules/ci"

  name     = local.name
  subject  = "repo:${var.repository}:environment:production-releases" # not the environment that deploys
  releases = module.origin.releases
}
