# The most that a role or user of infra/live may be given, whatever the policy says that it is given: its own buckets'
# objects, queues, logs and metrics. Nothing of IAM but how old a key is, no settings of buckets, no end to a lock.

resource "aws_iam_policy" "boundary" {
  name        = "${local.name}-boundary"
  description = "The most that a role or user of ${local.name} may do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Objects"
        Effect = "Allow"
        Action = [
          "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:AbortMultipartUpload", "s3:InitiateReplication",
          "s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration", "s3:GetObjectVersionForReplication",
          "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold",
          "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags",
        ]
        Resource = "arn:aws:s3:::${local.name}-*"
      },
      {
        Sid      = "Queues"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
        Resource = "arn:aws:sqs:*:${var.aws_account_id}:${local.name}-*"
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:*:${var.aws_account_id}:log-group:/aws/lambda/${local.name}*"
      },
      {
        Sid      = "Parameters"
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = "arn:aws:ssm:*:${var.aws_account_id}:parameter/${local.name}/*"
      },
      {
        # what must not lie in the state, such as the packager's key to R2
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:*:${var.aws_account_id}:secret:${local.name}-*"
      },
      {
        Sid       = "Takedown"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringEquals = { "cloudwatch:namespace" = "Nada/Takedown" } }
      },
      {
        Sid      = "AgeOfKeys"
        Effect   = "Allow"
        Action   = "iam:ListAccessKeys"
        Resource = "arn:aws:iam::${var.aws_account_id}:user/${local.name}-edge"
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Action    = "*"
        Resource  = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
