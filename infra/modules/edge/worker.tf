# The worker, the version that is built now, and that version in charge of all requests.

locals {
  # of requests, in percent, that the version which is built now answers
  share = var.rollout == null ? 100 : var.rollout.percentage

  # as the worker and `nada serve --origins` read them
  origins = [
    for origin in var.origins : { for name, value in merge(origin, {
      endpoint   = coalesce(origin.endpoint, "https://s3.${coalesce(origin.region, "-")}.amazonaws.com")
      path_style = origin.bucket == null ? null : origin.path_style
    }) : name => value if value != null }
  ]

  # host names of buckets, which are read without a signature
  bucket_hosts = [for origin in var.origins : trimprefix(origin.endpoint, "https://") if origin.bucket == null]
}

resource "cloudflare_worker" "edge" {
  account_id = var.account_id
  name       = var.name

  # URLs hold tokens, and whoever reads logs must not be able to play: no line for each invocation, no log pushed, nobody
  # who tails. What stays is the worker's own line, which has neither token nor query.
  logpush        = false
  tail_consumers = []
  observability = {
    enabled            = true
    head_sampling_rate = var.log_sampling
    logs = {
      enabled            = true
      head_sampling_rate = var.log_sampling
      invocation_logs    = false
    }
  }

  # the zone's rules would not hold on other host names
  subdomain = {
    enabled          = false
    previews_enabled = false
  }
}

resource "cloudflare_worker_version" "edge" {
  account_id         = var.account_id
  worker_id          = cloudflare_worker.edge.id
  compatibility_date = "2026-07-30" # what the tests run under
  # where there are licences it hands their requests on
  main_module = var.licenses == null ? "index.js" : "licensed.js"

  limits = {
    cpu_ms = var.cpu_ms
  }

  modules = concat(
    [
      {
        name         = "index.js"
        content_type = "application/javascript+module"
        content_file = "${var.bundle}/index.js"
      },
      {
        name         = "index_bg.wasm"
        content_type = "application/wasm"
        content_file = "${var.bundle}/index_bg.wasm"
      },
    ],
    [for licenses in var.licenses[*] : {
      name         = "licensed.js"
      content_type = "application/javascript+module"
      content_file = "${var.bundle}/licensed.js"
    }],
  )

  # in the order of their names, which is the order that Cloudflare answers with; nothing allows plain http
  bindings = concat(
    [for audience in var.audience[*] : { type = "plain_text", name = "NADA_AUDIENCE", text = audience }],
    [for issuer in var.issuer[*] : { type = "plain_text", name = "NADA_ISSUER", text = issuer }],
    [
      {
        type        = "secrets_store_secret"
        name        = "NADA_KEYS"
        store_id    = var.secrets_store_id
        secret_name = var.secrets.keys
      },
    ],
    [for license in cloudflare_worker.license : { type = "service", name = "NADA_LICENSES", service = license.name }],
    [
      {
        type = "plain_text"
        name = "NADA_ORIGINS"
        text = jsonencode(local.origins)
      },
      {
        type    = "analytics_engine"
        name    = "NADA_POINTS"
        dataset = replace("${var.name}_points", "-", "_")
      },
    ],
    [for secret in var.secrets.s3_access_key_id[*] : { type = "secrets_store_secret", name = "NADA_S3_ACCESS_KEY_ID", store_id = var.secrets_store_id, secret_name = secret }],
    [for secret in var.secrets.s3_secret_access_key[*] : { type = "secrets_store_secret", name = "NADA_S3_SECRET_ACCESS_KEY", store_id = var.secrets_store_id, secret_name = secret }],
    [{ type = "plain_text", name = "NADA_SAMPLING", text = tostring(var.sampling) }],
  )

  # a service must be there when it is bound
  depends_on = [cloudflare_workers_deployment.license]

  # a version in charge cannot be deleted
  lifecycle {
    create_before_destroy = true
  }
}

resource "cloudflare_workers_deployment" "edge" {
  account_id  = var.account_id
  script_name = cloudflare_worker.edge.name
  strategy    = "percentage"

  versions = concat(
    [for version in [cloudflare_worker_version.edge.id] : { version_id = version, percentage = local.share } if local.share > 0],
    [for rollout in var.rollout[*] : { version_id = rollout.previous, percentage = 100 - local.share } if local.share < 100],
  )
}
