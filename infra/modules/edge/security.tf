# What the zone does to a request before the worker, and is paid for, sees it. The settings hold for the whole zone, the
# rules for the host name alone.

resource "cloudflare_zone_setting" "edge" {
  for_each = {
    always_use_https = "on"  # for whatever else is in the zone; the host name's own http is refused below
    min_tls_version  = "1.2" # what a token travels in
    tls_1_3          = "on"
    "0rtt"           = "on" # nothing here changes by being asked twice
    http3            = "on"
    browser_check    = "off" # players in cars, speakers and apps are no browsers, and would be challenged
  }

  zone_id    = var.zone_id
  setting_id = each.key
  value      = each.value
}

resource "cloudflare_zone_setting" "hsts" {
  zone_id    = var.zone_id
  setting_id = "security_header"
  value = {
    strict_transport_security = {
      enabled            = true
      max_age            = 31536000
      include_subdomains = false # other hosts of the zone are their owner's
      preload            = false
      nosniff            = true
    }
  }
}

# Bots are what players look like.
resource "cloudflare_bot_management" "edge" {
  zone_id            = var.zone_id
  fight_mode         = false
  enable_js          = false
  ai_bots_protection = "disabled"
}

locals {
  host = "http.host eq \"${var.hostname}\""

  # From outside and from workers of other zones, a bucket is closed: the zone's own workers alone say this zone's name.
  # https://developers.cloudflare.com/waf/custom-rules/use-cases/block-worker-subrequests/
  closed = [for host in local.bucket_hosts : {
    ref         = "bucket_${replace(host, "/[^a-z0-9]/", "_")}"
    description = "${host} is the worker's to read"
    action      = "block"
    expression  = "http.host eq \"${host}\" and cf.worker.upstream_zone ne \"${coalesce(var.zone, "-")}\""
    enabled     = true
  }]

  # what the worker would refuse anyway, for the price of an invocation and a data point each
  refused = {
    "plain http: a token would travel in the clear" = "not ssl"
    "no method of Nada's" = join(" and ", concat(
      ["not http.request.method in {\"GET\" \"HEAD\" \"OPTIONS\"}"],
      [for licenses in var.licenses[*] : "not (http.request.method eq \"POST\" and http.request.uri.path contains \"/license/\")"],
    ))
    "no path of Nada's" = join(" and ", [
      "not starts_with(http.request.uri.path, \"/~\")",
      "not starts_with(http.request.uri.path, \"/t/\")",
      "not http.request.uri.path in {\"/healthz\" \"/version\"${var.licenses == null ? "" : " \"/fairplay.cer\""}}",
    ])
    "longer than any path of Nada's" = "len(http.request.uri.path) gt 8192"
  }
}

# A zone has one set of rules for each phase.
resource "cloudflare_ruleset" "firewall" {
  count = var.zone_rules ? 1 : 0

  zone_id = var.zone_id
  name    = "${var.name}: what is no request of Nada's"
  kind    = "zone"
  phase   = "http_request_firewall_custom"

  rules = concat(local.closed, [
    for reason, expression in local.refused : {
      ref         = replace(replace(lower(reason), "/[^a-z ]/", ""), " ", "_")
      description = reason
      action      = "block"
      expression  = "${local.host} and ${expression}"
      enabled     = true
    }
  ])
}

# Counted by what was answered, never by requests: a mobile network hides thousands of listeners behind one address.
resource "cloudflare_ruleset" "refusals" {
  count = var.zone_rules && var.refusals_limit != null ? 1 : 0

  zone_id = var.zone_id
  name    = "${var.name}: who is refused all the time"
  kind    = "zone"
  phase   = "http_ratelimit"

  rules = [{
    ref         = "refusals"
    description = "401 and 403, by address"
    action      = "block"
    expression  = local.host
    enabled     = true
    ratelimit = {
      characteristics     = ["cf.colo.id", "ip.src"]
      counting_expression = "${local.host} and http.response.code in {401 403}"
      period              = var.refusals_limit.period
      requests_per_period = var.refusals_limit.requests
      mitigation_timeout  = var.refusals_limit.period
    }
  }]
}
