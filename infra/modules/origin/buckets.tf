# The masters, where the provider is, and one bucket of releases for each origin, if releases lie in S3. All are kept alike: the settings below
# run over local.buckets. None is destroyed: taking one out of the state is how a region goes (infra/RUNBOOK.md).

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  primary  = one(slice(var.origins[*].region, 0, min(1, length(var.origins))))
  replicas = toset(slice(var.origins[*].region, min(1, length(var.origins)), length(var.origins)))

  # every bucket and its region, by a key that does not change when another origin becomes the primary
  buckets = merge(
    { for region, bucket in aws_s3_bucket.releases : region => { name = bucket.bucket, region = region } },
    { masters = { name = aws_s3_bucket.masters.bucket, region = data.aws_region.current.region } },
    { for region, bucket in aws_s3_bucket.masters_replica : "masters-replica" => { name = bucket.bucket, region = region } },
  )
}

resource "aws_s3_bucket" "masters" {
  bucket = "${var.name}-masters"
  tags   = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket" "releases" {
  for_each = toset(var.origins[*].region)

  region = each.key
  bucket = "${var.name}-releases-${each.key}"
  tags   = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "all" {
  for_each = local.buckets

  region = each.value.region
  bucket = each.value.name

  versioning_configuration {
    status = "Enabled"
  }
}

# S3's own keys: an edge that reads thousands of objects a second would pay KMS for each, and the bytes are music that
# listeners hear anyway.
resource "aws_s3_bucket_server_side_encryption_configuration" "all" {
  for_each = local.buckets

  region = each.value.region
  bucket = each.value.name

  rule {
    # an object under a customer's key could not be read by the edge
    blocked_encryption_types = ["SSE-C"]

    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each = local.buckets

  region = each.value.region
  bucket = each.value.name

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "all" {
  for_each = local.buckets

  region = each.value.region
  bucket = each.value.name

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "all" {
  for_each = local.buckets

  region = each.value.region
  bucket = each.value.name

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.old_versions_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  # packaged once, and read again when formats change: retrieval costs more there, storage a fifth
  dynamic "rule" {
    for_each = each.key == "masters" ? var.masters_archive_days[*] : []

    content {
      id     = "archive"
      status = "Enabled"

      filter {}

      transition {
        days          = rule.value
        storage_class = "GLACIER_IR"
      }
    }
  }

  rule {
    id     = "aborted-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # S3 wants versioning first where rules speak of old versions
  depends_on = [aws_s3_bucket_versioning.all]
}
