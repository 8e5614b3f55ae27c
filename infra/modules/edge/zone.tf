# Where the worker answers, and how the caches behind it are arranged.

resource "cloudflare_workers_custom_domain" "edge" {
  account_id = var.account_id
  zone_id    = var.zone_id
  hostname   = var.hostname
  service    = cloudflare_worker.edge.name

  # no request meets a worker without a version
  depends_on = [cloudflare_workers_deployment.edge]

  # replacing it takes the record and the certificate away from listeners
  lifecycle {
    prevent_destroy = true
  }
}

# Colos ask an upper tier before they ask S3, and Cloudflare chooses the tier next to each origin.
resource "cloudflare_argo_tiered_caching" "edge" {
  zone_id = var.zone_id
  value   = "on"
}

resource "cloudflare_tiered_cache" "edge" {
  zone_id = var.zone_id
  value   = "on"

  depends_on = [cloudflare_argo_tiered_caching.edge]
}
