# Uploading inbox/{release}/release.toml, the last file of a release, puts a message into the queue.

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.region

  # known before they exist, so that a plan shows every policy in full
  queue_arn = "arn:aws:sqs:${local.region}:${local.account}:${var.name}-inbox"
  dead_arn  = "arn:aws:sqs:${local.region}:${local.account}:${var.name}-dead"
}

resource "aws_sqs_queue" "inbox" {
  name                    = "${var.name}-inbox"
  sqs_managed_sse_enabled = true

  # AWS asks for six times the function's time-out: throttled pollers hold messages back that nobody works on
  visibility_timeout_seconds = 6 * var.timeout_seconds
  message_retention_seconds  = 4 * 86400
  receive_wait_time_seconds  = 20

  # the function sends what it gives up, with the reason; this is for what it cannot send, and for functions that crash
  redrive_policy = jsonencode({
    deadLetterTargetArn = local.dead_arn
    maxReceiveCount     = var.deliveries
  })
  tags = var.tags

  depends_on = [aws_sqs_queue.dead]

  # messages are releases that wait
  lifecycle {
    prevent_destroy = true
  }
}

# A message keeps its age when it is moved here: this one must keep it longer than the queue it came from.
resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-dead"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 14 * 86400

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arn]
  })

  lifecycle {
    prevent_destroy = true
  }
  tags = var.tags
}

resource "aws_sqs_queue_policy" "inbox" {
  queue_url = aws_sqs_queue.inbox.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Masters"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arn
        Condition = {
          ArnEquals    = { "aws:SourceArn" = var.masters.arn }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
      merge(local.queue_tls_only, { Resource = local.queue_arn }),
    ]
  })
}

resource "aws_sqs_queue_policy" "dead" {
  queue_url = aws_sqs_queue.dead.url

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.queue_tls_only, { Resource = local.dead_arn })]
  })
}

locals {
  queue_tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sqs:*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}

resource "aws_s3_bucket_notification" "inbox" {
  bucket = var.masters.bucket

  queue {
    id            = "inbox"
    queue_arn     = local.queue_arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "inbox/"
    filter_suffix = "/release.toml"
  }

  # S3 sends a test message at once
  depends_on = [aws_sqs_queue_policy.inbox]
}
