# The program `bootstrap` on the queue: each message is a release to package and publish.

locals {
  log_group_arn = "arn:aws:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.name}"
  # the key to a store that takes no role of AWS; made by hand, since one that Terraform made would lie in the state
  key_name = "${var.name}-releases-key"
  # the seed of content keys, for the same reason
  seed_name = "${var.name}-seed"
  # the secrets that the role may read
  secrets = concat(var.releases.endpoint == null ? [] : [local.key_name], var.protection ? [local.seed_name] : [])
}

resource "aws_lambda_function" "packager" {
  function_name = var.name
  description   = "Packages releases from the inbox and publishes them"
  role          = aws_iam_role.packager.arn

  filename         = var.bootstrap
  source_code_hash = filebase64sha256(var.bootstrap)
  package_type     = "Zip"
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = ["arm64"]

  timeout     = var.timeout_seconds
  memory_size = var.memory_mb

  ephemeral_storage {
    size = var.disk_mb
  }

  # no secret among them: the role is all it needs
  environment {
    variables = merge({
      NADA_RELEASES_BUCKET  = var.releases.bucket
      NADA_RELEASES_REGION  = var.releases.region
      NADA_QUEUE_URL        = aws_sqs_queue.inbox.url
      NADA_DEAD_LETTERS_URL = aws_sqs_queue.dead.url
      NADA_DELIVERIES       = tostring(var.deliveries)
      RUST_LOG              = "info"
      }, var.releases.endpoint == null ? {} : {
      NADA_RELEASES_ENDPOINT = var.releases.endpoint
      NADA_RELEASES_SECRET   = local.key_name
      }, var.protection ? {
      NADA_SEED_SECRET = local.seed_name
    } : {})
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.packager.name
  }
  tags = var.tags

  depends_on = [aws_iam_role_policy.packager]
}

# A new account may run ten invocations at a time. Pollers beyond the quota are throttled, and what they hold is hidden, and
# counts as delivered.
data "aws_servicequotas_service_quota" "concurrency" {
  service_code = "lambda"
  quota_code   = "L-B99A9384"
}

resource "aws_lambda_event_source_mapping" "inbox" {
  event_source_arn        = local.queue_arn
  function_name           = aws_lambda_function.packager.function_name
  batch_size              = var.batch_size
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }

  depends_on = [aws_sqs_queue.inbox]

  lifecycle {
    precondition {
      # 0 is no quota that AWS gives: it is not known
      condition     = data.aws_servicequotas_service_quota.concurrency.value == 0 || data.aws_servicequotas_service_quota.concurrency.value >= var.maximum_concurrency
      error_message = "This account runs ${data.aws_servicequotas_service_quota.concurrency.value} Lambda invocations at a time in ${local.region}, and maximum_concurrency is ${var.maximum_concurrency}. File the request, and wait for it: aws service-quotas request-service-quota-increase --region ${local.region} --service-code lambda --quota-code L-B99A9384 --desired-value 1000. Until then, set maximum_concurrency to ${data.aws_servicequotas_service_quota.concurrency.value} or less."
    }
  }
}

resource "aws_cloudwatch_log_group" "packager" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_days
  tags              = var.tags
}

resource "aws_iam_role" "packager" {
  name        = "${var.name}-packager"
  description = "What the packaging function may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "packager" {
  name = "package"
  role = aws_iam_role.packager.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "TakeMessages"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
        Resource = local.queue_arn
      },
      {
        Sid      = "GiveUp"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = local.dead_arn
      },
      {
        Sid      = "ListMasters"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = var.masters.arn
      },
      {
        Sid      = "ReadInbox"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${var.masters.arn}/inbox/*"
      },
      {
        Sid      = "WriteResult"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${var.masters.arn}/inbox/*/result.json"
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${local.log_group_arn}:*"
      },
      ],
      flatten([for arn in var.releases.arn[*] : [
        {
          Sid      = "ListReleases"
          Effect   = "Allow"
          Action   = "s3:ListBucket"
          Resource = [arn]
        },
        {
          Sid      = "ReadReleases"
          Effect   = "Allow"
          Action   = "s3:GetObject"
          Resource = [for key in ["tracks/*", "releases/*.json", "changes.json", "revocations.json"] : "${arn}/${key}"]
        },
        {
          Sid      = "WriteReleases"
          Effect   = "Allow"
          Action   = "s3:PutObject"
          Resource = [for key in ["tracks/*", "releases/*.json", "changes.json"] : "${arn}/${key}"]
        },
      ]]),
      length(local.secrets) == 0 ? [] : [{
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = [for name in local.secrets : "arn:aws:secretsmanager:${local.region}:${local.account}:secret:${name}-*"] # AWS appends six letters
      }],
    )
  })
}
