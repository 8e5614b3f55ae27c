# One bucket of Cloudflare R2 for releases, and the host name in the edge's zone by which the worker alone reads it. R2 has no
# regions to fail over between, and keeps no old versions.

resource "cloudflare_r2_bucket" "releases" {
  account_id    = var.account_id
  name          = var.name
  location      = var.jurisdiction == null ? var.location : null
  jurisdiction  = coalesce(var.jurisdiction, "default")
  storage_class = "Standard"

  # what is deleted here is nowhere else
  lifecycle {
    prevent_destroy = true
    # a hint counts once, when a bucket of that name is made for the first time
    ignore_changes = [location]
  }
}

# Uploads that ended halfway; R2 itself ends them after a week.
resource "cloudflare_r2_bucket_lifecycle" "releases" {
  account_id   = var.account_id
  bucket_name  = cloudflare_r2_bucket.releases.name
  jurisdiction = cloudflare_r2_bucket.releases.jurisdiction

  rules = [{
    id         = "aborted-uploads"
    enabled    = true
    conditions = { prefix = "" }
    abort_multipart_uploads_transition = {
      condition = { type = "Age", max_age = 86400 }
    }
  }]
}

# Nobody reads by r2.dev, which no rule of the zone closes.
resource "cloudflare_r2_managed_domain" "releases" {
  account_id   = var.account_id
  bucket_name  = cloudflare_r2_bucket.releases.name
  jurisdiction = cloudflare_r2_bucket.releases.jurisdiction
  enabled      = false
}

# To the zone a bucket's host name is open to everybody. The rule that closes it comes first: closed_by is its id.
resource "cloudflare_r2_custom_domain" "releases" {
  account_id   = var.account_id
  zone_id      = var.zone_id
  bucket_name  = cloudflare_r2_bucket.releases.name
  jurisdiction = cloudflare_r2_bucket.releases.jurisdiction
  domain       = var.hostname
  enabled      = true
  min_tls      = "1.2"

  lifecycle {
    precondition {
      condition     = length(var.closed_by) > 0
      error_message = "No rule closes ${var.hostname}: everybody could read every release."
    }
  }
}
