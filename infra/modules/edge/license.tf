# The worker of licences, where there are any: the same core, and the only one that knows the seed and the vendors' secrets. It
# is reached through the worker of media, since a route's pattern may have no wildcard inside and tokens ride in the path. Its
# one route is of the certificate, which has a path of its own.

resource "cloudflare_worker" "license" {
  count = var.licenses == null ? 0 : 1

  account_id     = var.account_id
  name           = "${var.name}-license"
  logpush        = false
  tail_consumers = []
  # as that of media: no line for each invocation, since URLs hold tokens
  observability = {
    enabled            = true
    head_sampling_rate = var.log_sampling
    logs = {
      enabled            = true
      head_sampling_rate = var.log_sampling
      invocation_logs    = false
    }
  }
  subdomain = {
    enabled          = false
    previews_enabled = false
  }
}

resource "cloudflare_worker_version" "license" {
  count = var.licenses == null ? 0 : 1

  account_id         = var.account_id
  worker_id          = cloudflare_worker.license[0].id
  compatibility_date = "2026-07-30" # what the tests run under
  main_module        = "index.js"

  limits = {
    cpu_ms = var.cpu_ms
  }

  modules = [
    {
      name         = "index.js"
      content_type = "application/javascript+module"
      content_file = "${var.licenses.bundle}/index.js"
    },
    {
      name         = "index_bg.wasm"
      content_type = "application/wasm"
      content_file = "${var.licenses.bundle}/index_bg.wasm"
    },
  ]

  # in the order of their names, as those of the worker of media
  bindings = concat(
    [for audience in var.audience[*] : { type = "plain_text", name = "NADA_AUDIENCE", text = audience }],
    [for issuer in var.issuer[*] : { type = "plain_text", name = "NADA_ISSUER", text = issuer }],
    [{ type = "secrets_store_secret", name = "NADA_KEYS", store_id = var.secrets_store_id, secret_name = var.secrets.keys }],
    [for secret in var.licenses.servers[*] : { type = "secrets_store_secret", name = "NADA_LICENSE_SERVERS", store_id = var.secrets_store_id, secret_name = secret }],
    [
      { type = "plain_text", name = "NADA_ORIGINS", text = jsonencode(local.origins) },
      { type = "analytics_engine", name = "NADA_POINTS", dataset = replace("${var.name}_points", "-", "_") },
    ],
    [for secret in var.secrets.s3_access_key_id[*] : { type = "secrets_store_secret", name = "NADA_S3_ACCESS_KEY_ID", store_id = var.secrets_store_id, secret_name = secret }],
    [for secret in var.secrets.s3_secret_access_key[*] : { type = "secrets_store_secret", name = "NADA_S3_SECRET_ACCESS_KEY", store_id = var.secrets_store_id, secret_name = secret }],
    [{ type = "plain_text", name = "NADA_SAMPLING", text = tostring(var.sampling) }],
    [for secret in var.licenses.seed[*] : { type = "secrets_store_secret", name = "NADA_SEED", store_id = var.secrets_store_id, secret_name = secret }],
  )

  # a version in charge cannot be deleted
  lifecycle {
    create_before_destroy = true
  }
}

resource "cloudflare_workers_deployment" "license" {
  count = var.licenses == null ? 0 : 1

  account_id  = var.account_id
  script_name = cloudflare_worker.license[0].name
  strategy    = "percentage"
  versions    = [{ version_id = cloudflare_worker_version.license[0].id, percentage = 100 }]
}

resource "cloudflare_workers_route" "certificate" {
  count = var.licenses == null ? 0 : 1

  zone_id = var.zone_id
  pattern = "${var.hostname}/fairplay.cer"
  script  = cloudflare_worker.license[0].name

  depends_on = [cloudflare_workers_deployment.license]
}
