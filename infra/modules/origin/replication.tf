# From the primary to every other origin. Deletions go along: a sweep ends in all of them.

locals {
  replicated_arns      = concat(local.primary_arn[*], [for replica in aws_s3_bucket.masters_replica : local.masters_arn])
  replication_role_arn = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/${var.name}-replication"
}

resource "aws_iam_role" "replication" {
  count = local.primary == null ? 0 : 1

  name        = "${var.name}-replication"
  description = "S3 copies releases to the replicas"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
        ArnEquals    = { "aws:SourceArn" = local.primary_arn }
      }
    }]
  })
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "replication" {
  count = local.primary == null ? 0 : 1

  name = "replicate"
  role = aws_iam_role.replication[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadConfiguration"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = local.primary_arn
      },
      {
        Sid      = "ReadVersions"
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
        Resource = "${local.primary_arn}/*"
      },
      {
        Sid      = "WriteReplicas"
        Effect   = "Allow"
        Action   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
        Resource = [for region in sort(local.replicas) : "arn:aws:s3:::${local.buckets[region].name}/*"]
      },
    ]
  })
}

# Replication copies what is written from then on. What was there before, a job of S3 Batch Operations sends the same way; it
# is started by hand, when a region is added, and may do nothing else.
resource "aws_iam_role" "backfill" {
  count = length(local.replicated_arns) > 0 ? 1 : 0

  name        = "${var.name}-backfill"
  description = "S3 Batch Operations sends to the replicas what was there before them"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "batchoperations.s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "backfill" {
  count = length(local.replicated_arns) > 0 ? 1 : 0

  name = "backfill"
  role = aws_iam_role.backfill[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # S3 lists what is to be sent by an inventory of its own
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration"]
        Resource = local.replicated_arns
      },
      {
        Sid      = "Send"
        Effect   = "Allow"
        Action   = "s3:InitiateReplication"
        Resource = [for arn in local.replicated_arns : "${arn}/*"]
      },
    ]
  })
}

resource "aws_s3_bucket_replication_configuration" "releases" {
  count = local.primary == null ? 0 : 1

  region = local.primary
  bucket = local.buckets[local.primary].name
  role   = aws_iam_role.replication[0].arn

  dynamic "rule" {
    for_each = sort(local.replicas)

    content {
      id       = rule.value
      priority = rule.key + 1
      status   = "Enabled"

      filter {}

      delete_marker_replication {
        status = "Enabled"
      }

      destination {
        bucket = "arn:aws:s3:::${local.buckets[rule.value].name}"

        metrics {
          status = "Enabled"
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.all]
}
