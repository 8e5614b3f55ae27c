# Who is told of alarms: in each region a topic, and on it the same people and services.

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  arns    = { for region in var.regions : region => "arn:aws:sns:${region}:${local.account}:${var.name}-alarms" }

  subscriptions = merge([
    for region in var.regions : merge(
      { for address in var.emails : "${region} ${address}" => { region = region, protocol = "email", endpoint = address } },
      { for url in var.webhooks : "${region} ${sha256(url)}" => { region = region, protocol = "https", endpoint = url } },
    )
  ]...)
}

# Not under a KMS key: CloudWatch may not use AWS's own, and alarms name no secret.
resource "aws_sns_topic" "alarms" {
  for_each = var.regions

  region = each.key
  name   = "${var.name}-alarms"
  tags   = var.tags
}

resource "aws_sns_topic_policy" "alarms" {
  for_each = aws_sns_topic.alarms

  region = each.key
  arn    = each.value.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.arns[each.key]
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:${each.key}:${local.account}:alarm:${var.name}-*" }
        }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.arns[each.key]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "all" {
  for_each = local.subscriptions

  region                 = each.value.region
  topic_arn              = aws_sns_topic.alarms[each.value.region].arn
  protocol               = each.value.protocol
  endpoint               = each.value.endpoint
  endpoint_auto_confirms = each.value.protocol == "https"
}
