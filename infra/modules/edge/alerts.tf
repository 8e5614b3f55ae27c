# What Cloudflare tells of itself. Whether listeners can play, the canary tells.

resource "cloudflare_notification_policy" "incidents" {
  account_id  = var.account_id
  name        = "${var.name}: incidents"
  description = "Cloudflare has an incident"
  alert_type  = "incident_alert"
  enabled     = true

  filters = {
    incident_impact = ["INCIDENT_IMPACT_MAJOR", "INCIDENT_IMPACT_CRITICAL"]
  }

  mechanisms = {
    email    = [for address in sort(var.alert_emails) : { id = address }]
    webhooks = [for id in sort(var.webhook_ids) : { id = id }]
  }
}

resource "cloudflare_notification_policy" "attacks" {
  account_id  = var.account_id
  name        = "${var.name}: attacks"
  description = "Cloudflare fends off a flood of requests"
  alert_type  = "dos_attack_l7"
  enabled     = true

  mechanisms = {
    email    = [for address in sort(var.alert_emails) : { id = address }]
    webhooks = [for id in sort(var.webhook_ids) : { id = id }]
  }
}

resource "cloudflare_notification_policy" "certificates" {
  account_id  = var.account_id
  name        = "${var.name}: certificates"
  description = "The host name's certificate is renewed, or is not"
  # a custom domain has a certificate of its own, not the zone's universal one
  alert_type = "dedicated_ssl_certificate_event_type"
  enabled    = true

  mechanisms = {
    email    = [for address in sort(var.alert_emails) : { id = address }]
    webhooks = [for id in sort(var.webhook_ids) : { id = id }]
  }
}

resource "cloudflare_notification_policy" "usage" {
  account_id  = var.account_id
  name        = "${var.name}: usage"
  description = "More requests than expected in this billing period"
  alert_type  = "billing_usage_alert"
  enabled     = true

  filters = {
    product = ["worker_requests"]
    limit   = [tostring(var.monthly_requests_alert)]
  }

  mechanisms = {
    email    = [for address in sort(var.alert_emails) : { id = address }]
    webhooks = [for id in sort(var.webhook_ids) : { id = id }]
  }
}
