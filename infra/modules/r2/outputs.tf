output "releases" {
  description = "Where to publish: the bucket's name, its S3 endpoint and region."
  value = {
    bucket   = cloudflare_r2_bucket.releases.name
    endpoint = "https://${var.account_id}${var.jurisdiction == null ? "" : ".${var.jurisdiction}"}.r2.cloudflarestorage.com"
    region   = "auto"
  }
}
