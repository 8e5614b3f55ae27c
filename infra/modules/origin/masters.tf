# What keeps the masters, which cannot be made again: a lock on every version, and a copy in another region.

# Governance: who may s3:BypassGovernanceRetention may still delete, so nobody should. The bucket policy refuses to delete
# versions as well, but whoever may write policies can take that back; the lock stays.
resource "aws_s3_bucket_object_lock_configuration" "masters" {
  for_each = { for key, bucket in local.buckets : key => bucket if startswith(key, "masters") }

  region = each.value.region
  bucket = each.value.name

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = var.masters_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.all]
}

resource "aws_s3_bucket" "masters_replica" {
  for_each = toset(var.masters_replica_region[*])

  region = each.key
  bucket = "${var.name}-masters-${each.key}"
  tags   = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

locals {
  masters_arn                  = "arn:aws:s3:::${aws_s3_bucket.masters.bucket}"
  masters_replication_role_arn = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/${var.name}-masters-replication"
}

resource "aws_iam_role" "masters_replication" {
  for_each = aws_s3_bucket.masters_replica

  name                 = "${var.name}-masters-replication"
  description          = "S3 copies masters to ${each.key}"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
        ArnEquals    = { "aws:SourceArn" = local.masters_arn }
      }
    }]
  })
}

resource "aws_iam_role_policy" "masters_replication" {
  for_each = aws_s3_bucket.masters_replica

  name = "replicate-masters"
  role = aws_iam_role.masters_replication[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadConfiguration"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = local.masters_arn
      },
      {
        # a version goes with its lock
        Sid    = "ReadVersions"
        Effect = "Allow"
        Action = [
          "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention",
          "s3:GetObjectLegalHold",
        ]
        Resource = "${local.masters_arn}/*"
      },
      {
        Sid      = "WriteReplica"
        Effect   = "Allow"
        Action   = ["s3:ReplicateObject", "s3:ReplicateTags"]
        Resource = "arn:aws:s3:::${each.value.bucket}/*"
      },
    ]
  })
}

# What is deleted here stays there: this is no second place to package from, but the one to restore from.
resource "aws_s3_bucket_replication_configuration" "masters" {
  for_each = aws_s3_bucket.masters_replica

  bucket = aws_s3_bucket.masters.bucket
  role   = aws_iam_role.masters_replication[each.key].arn

  rule {
    id       = "masters"
    priority = 1
    status   = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket        = "arn:aws:s3:::${each.value.bucket}"
      storage_class = "GLACIER_IR"

      metrics {
        status = "Enabled"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.all, aws_s3_bucket_object_lock_configuration.masters, aws_iam_role_policy.masters_replication]
}
