# Every minute, in every region where listeners are, a function plays a track as they do. What it sees are metrics, and an
# alarm for each: the edge's own numbers come from the edge, and say nothing while nobody reaches it.

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  called  = "${var.name}-canary"
  # a SecureString in each region, made by hand: one that Terraform made would lie in the state
  keys = "/${var.name}/canary-keys"
}

resource "aws_iam_role" "canary" {
  name                 = local.called
  description          = "Plays a track, and says how it went"
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

resource "aws_iam_role_policy" "canary" {
  name = "play"
  role = aws_iam_role.canary.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Sign"
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = [for region in sort(var.regions) : "arn:aws:ssm:${region}:${local.account}:parameter${local.keys}"]
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for region in sort(var.regions) : "arn:aws:logs:${region}:${local.account}:log-group:/aws/lambda/${local.called}:*"]
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "canary" {
  for_each = var.regions

  region            = each.key
  name              = "/aws/lambda/${local.called}"
  retention_in_days = var.log_days
  tags              = var.tags
}

resource "aws_lambda_function" "canary" {
  for_each = var.regions

  region        = each.key
  function_name = local.called
  description   = "Plays ${var.track} from ${each.key}"
  role          = aws_iam_role.canary.arn

  filename         = var.archive
  source_code_hash = filebase64sha256(var.archive)
  runtime          = "python3.13"
  handler          = "canary.handler"
  architectures    = ["arm64"]
  timeout          = 55
  memory_size      = 256

  environment {
    variables = merge(
      { NAME = var.name, BASE = var.base_url, TRACK = var.track, KEYS = local.keys },
      { for audience in var.audience[*] : "AUDIENCE" => audience },
      { for issuer in var.issuer[*] : "ISSUER" => issuer },
    )
  }

  # plain lines, each a line of the embedded metric format or a reason
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.canary[each.key].name
  }

  tags       = var.tags
  depends_on = [aws_iam_role_policy.canary]
}

resource "aws_cloudwatch_event_rule" "minute" {
  for_each = var.regions

  region              = each.key
  name                = local.called
  description         = "Every minute"
  schedule_expression = "rate(1 minute)"
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "minute" {
  for_each = var.regions

  region = each.key
  rule   = aws_cloudwatch_event_rule.minute[each.key].name
  arn    = aws_lambda_function.canary[each.key].arn
}

resource "aws_lambda_permission" "minute" {
  for_each = var.regions

  region        = each.key
  statement_id  = "minute"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.canary[each.key].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.minute[each.key].arn
}

locals {
  alarms = merge([
    for region in var.regions : {
      "failed-${region}" = {
        region      = region
        description = "Listeners near ${region} cannot play: the canary's log says at which step."
        metric      = "Failed"
        statistic   = "Maximum"
        extended    = null
        period      = 60
        periods     = 3
        threshold   = 0
        # who plays no more says nothing
        missing = "breaching"
      }
      "slow-${region}" = {
        region      = region
        description = "Songs near ${region} begin late: one in ten takes more than ${var.start_milliseconds} ms to its first segment."
        metric      = "Start"
        statistic   = null
        extended    = "p90"
        period      = 900
        periods     = 1
        threshold   = var.start_milliseconds
        missing     = "notBreaching"
      }
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "canary" {
  for_each = local.alarms

  region              = each.value.region
  alarm_name          = "${local.called}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "Nada/Canary"
  metric_name         = each.value.metric
  dimensions          = { Environment = var.name, From = each.value.region }
  statistic           = each.value.statistic
  extended_statistic  = each.value.extended
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods == 3 ? 2 : 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alarm_topic_arns[each.value.region]]
  ok_actions          = [var.alarm_topic_arns[each.value.region]]
  tags                = var.tags
}
