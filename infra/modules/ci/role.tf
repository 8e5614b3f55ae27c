# A workflow proves by GitHub's token who it is, and may publish for an hour. No key of AWS lies at GitHub. The account's
# provider for these tokens is infra/bootstrap's.

data "aws_caller_identity" "current" {}

locals {
  issuer       = "token.actions.githubusercontent.com"
  provider_arn = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/${local.issuer}"
}

resource "aws_iam_role" "publisher" {
  name                 = "${var.name}-publisher"
  description          = "Publishes releases from ${var.subject}"
  max_session_duration = 3600

  # equal, not like: with a pattern, a branch or a fork of the right name could publish
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = var.subject
        }
      }
    }]
  })
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "publisher" {
  name = "publish"
  role = aws_iam_role.publisher.name

  # what `nada publish` does: not revocations, not deleting, not the masters
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(flatten([for releases in var.releases[*] : [
      {
        Sid      = "ListReleases"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = [releases.arn]
      },
      {
        Sid      = "ReadReleases"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = [for key in ["tracks/*", "releases/*.json", "changes.json", "revocations.json"] : "${releases.arn}/${key}"]
      },
      {
        Sid      = "WriteReleases"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = [for key in ["tracks/*", "releases/*.json", "changes.json"] : "${releases.arn}/${key}"]
      },
      ]]), [{
      # how long a withdrawal took, which the workflow takedown.yml measures; metrics have no ARN
      Sid       = "TellTakedown"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = "Nada/Takedown" } }
    }])
  })
}
