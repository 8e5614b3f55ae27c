# The edge's own numbers, from Analytics Engine into CloudWatch, where there are alarms.

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.region
  called  = "${var.name}-edge-metrics"
  # made by hand: one that Terraform made would lie in the state
  token = "/${var.name}/cloudflare-token"
}

resource "aws_iam_role" "reader" {
  name                 = local.called
  description          = "Reads what the edge counted, and how old its key is"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "reader" {
  name = "read-numbers"
  role = aws_iam_role.reader.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([for user in var.edge_user[*] : {
      Sid      = "AgeOfKeys"
      Effect   = "Allow"
      Action   = "iam:ListAccessKeys"
      Resource = "arn:aws:iam::${local.account}:user/${user}"
      }], [
      {
        Sid      = "Token"
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = "arn:aws:ssm:${local.region}:${local.account}:parameter${local.token}"
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:${local.region}:${local.account}:log-group:/aws/lambda/${local.called}:*"
      },
    ])
  })
}

resource "aws_cloudwatch_log_group" "reader" {
  name              = "/aws/lambda/${local.called}"
  retention_in_days = 365
  tags              = var.tags
}

resource "aws_lambda_function" "reader" {
  function_name = local.called
  description   = "The edge's numbers as metrics"
  role          = aws_iam_role.reader.arn

  filename         = var.archive
  source_code_hash = filebase64sha256(var.archive)
  runtime          = "python3.13"
  handler          = "edge_metrics.handler"
  architectures    = ["arm64"]
  timeout          = 60
  memory_size      = 256

  environment {
    variables = merge({
      NAME    = var.name
      ACCOUNT = var.account_id
      DATASET = var.dataset
      TOKEN   = local.token
    }, var.edge_user == null ? {} : { EDGE_USER = var.edge_user })
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.reader.name
  }

  tags       = var.tags
  depends_on = [aws_iam_role_policy.reader]
}

resource "aws_cloudwatch_event_rule" "often" {
  name                = local.called
  description         = "Every five minutes"
  schedule_expression = "rate(5 minutes)"
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "often" {
  rule = aws_cloudwatch_event_rule.often.name
  arn  = aws_lambda_function.reader.arn
}

resource "aws_lambda_permission" "often" {
  statement_id  = "often"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.reader.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.often.arn
}

locals {
  alarms = { for name, alarm in {
    failed = {
      description = "More than ${var.limits.failed} % of requests were answered 5xx in a quarter of an hour."
      metric      = "Failed"
      over        = true
      threshold   = var.limits.failed
    }
    unavailable = {
      description = "More than ${var.limits.unavailable} % of requests found no origin that answers, in a quarter of an hour."
      metric      = "OriginUnavailable"
      over        = true
      threshold   = var.limits.unavailable
    }
    hits = {
      description = "Less than ${var.limits.hits} % of what was looked for was in the cache, in a quarter of an hour: the catalogue is cold, or tiered cache is off. Origins charge for each."
      metric      = "Hits"
      over        = false
      threshold   = var.limits.hits
    }
    bypass = {
      description = "More than ${var.limits.bypass} % of what was looked for may not be kept by a cache, in a quarter of an hour: objects without Cache-Control: public, or a rule of the zone. Each such read asks the origin for ever."
      metric      = "Bypass"
      over        = true
      threshold   = var.limits.bypass
    }
    key-age = {
      description = "The edge's S3 key is more than ${var.limits.key_days} days old, or there is none that is active: infra/RUNBOOK.md, Keys."
      metric      = "KeyAge"
      over        = true
      threshold   = var.limits.key_days
    }
  } : name => alarm if name != "key-age" || var.edge_user != null }
}

resource "aws_cloudwatch_metric_alarm" "edge" {
  for_each = local.alarms

  alarm_name          = "${var.name}-edge-${each.key}"
  alarm_description   = each.value.description
  namespace           = "Nada/Edge"
  metric_name         = each.value.metric
  dimensions          = { Environment = var.name }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  threshold           = each.value.threshold
  comparison_operator = each.value.over ? "GreaterThanThreshold" : "LessThanThreshold"
  treat_missing_data  = "notBreaching" # of few requests there are no shares
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
  tags                = var.tags
}

# Numbers that do not come are no good numbers.
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "${var.name}-edge-silent"
  alarm_description   = "The edge's numbers do not arrive: the token in ${local.token} may have ended, or Cloudflare's API does not answer."
  namespace           = "Nada/Edge"
  metric_name         = "Requests"
  dimensions          = { Environment = var.name }
  statistic           = "SampleCount"
  period              = 900
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
  tags                = var.tags
}
