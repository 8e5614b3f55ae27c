# The two documents that are one for the whole catalogue, empty. An edge takes an absent changes.json for an outage; with
# these it serves, and refuses, from the first minute on.

resource "aws_s3_object" "empty" {
  for_each = toset(local.primary == null ? [] : ["changes.json", "revocations.json"])

  region        = local.primary
  bucket        = local.buckets[local.primary].name
  key           = each.key
  content       = trimspace(file("${path.module}/documents/${each.key}"))
  content_type  = "application/json"
  cache_control = "public, max-age=15"

  # from then on they are the publishers'. The bucket is ignored too: where another origin becomes the primary, its
  # replicated copies must not be replaced by empty ones.
  lifecycle {
    ignore_changes = all
  }

  # the first version already is one that can be restored and replicated
  depends_on = [aws_s3_bucket_versioning.all, aws_s3_bucket_replication_configuration.releases]
}
