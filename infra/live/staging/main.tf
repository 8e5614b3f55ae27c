locals {
  name = "nada-staging-${var.company}"
}

module "origin" {
  source = "../../modules/origin"

  name              = local.name
  origins           = var.origins
  old_versions_days = 7
  alarm_topic_arn   = module.packager.alarm_topic_arn
}

module "packager" {
  source = "../../modules/packager"

  name                = local.name
  masters             = module.origin.masters
  releases            = module.origin.releases
  bootstrap           = "${var.dist}/bootstrap.zip"
  maximum_concurrency = 2
  log_days            = 7
  alarm_emails        = var.alert_emails
}

module "edge" {
  source = "../../modules/edge"

  account_id             = var.cloudflare_account_id
  zone_id                = var.cloudflare_zone_id
  secrets_store_id       = var.secrets_store_id
  secrets                = var.secrets
  name                   = "nada-staging"
  hostname               = var.hostname
  bundle                 = "${var.dist}/worker"
  origins                = module.origin.origins
  issuer                 = var.issuer
  audience               = var.audience
  log_sampling           = 1
  monthly_requests_alert = 10000000
  alert_emails           = var.alert_emails
}

module "ci" {
  source = "../../modules/ci"

  name     = local.name
  subject  = "repo:${var.repository}:environment:staging-releases" # not the environment that deploys
  releases = module.origin.releases
}
