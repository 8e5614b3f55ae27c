# What infra/live needs before its first plan: a place for its state, an identity for who plans and who applies, a bound for
# every role that it makes, and the user whose keys the edge has.

locals {
  name   = "nada-${var.environment}-${var.company}"
  state  = "${var.company}-${var.environment}-terraform"
  issuer = "token.actions.githubusercontent.com"

  # known before they exist, so that a plan shows every policy in full
  provider_arn = "arn:aws:iam::${var.aws_account_id}:oidc-provider/${local.issuer}"
  boundary_arn = "arn:aws:iam::${var.aws_account_id}:policy/${local.name}-boundary"
}

resource "aws_s3_bucket" "state" {
  region = var.sts_region
  bucket = local.state

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  region = var.sts_region
  bucket = aws_s3_bucket.state.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  region = var.sts_region
  bucket = aws_s3_bucket.state.bucket

  rule {
    blocked_encryption_types = ["SSE-C"]

    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  region = var.sts_region
  bucket = aws_s3_bucket.state.bucket

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "state" {
  region = var.sts_region
  bucket = aws_s3_bucket.state.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# A state is a few hundred kilobytes: a year of them is nothing.
resource "aws_s3_bucket_lifecycle_configuration" "state" {
  region = var.sts_region
  bucket = aws_s3_bucket.state.bucket

  rule {
    id     = "old-states"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 365
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}

resource "aws_s3_bucket_policy" "state" {
  region = var.sts_region
  bucket = aws_s3_bucket.state.bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::${local.state}", "arn:aws:s3:::${local.state}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "KeepOldStates"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:DeleteObjectVersion"
        Resource  = "arn:aws:s3:::${local.state}/*"
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.state]
}

# An account has one for GitHub's tokens.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# Who the edge is to S3. What it may read is infra/live's to say; its access keys are made by hand, two at a time when they
# rotate: one made here would lie in the state.
resource "aws_iam_user" "edge" {
  name                 = "${local.name}-edge"
  permissions_boundary = aws_iam_policy.boundary.arn

  # its keys go with it, and every edge with them
  lifecycle {
    prevent_destroy = true
  }
}
