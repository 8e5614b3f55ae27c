# What is told, and when.

locals {
  alarms = {
    oldest-message = {
      description = "A release has waited more than ${var.oldest_message_minutes} minutes: too few invocations at a time, or none that succeeds."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.inbox.name }
      statistic   = "Maximum"
      threshold   = 60 * var.oldest_message_minutes
    }
    dead-letters = {
      description = "A release was given up. Its message is in ${aws_sqs_queue.dead.name}, the reason in its attributes and in inbox/{release}/result.json."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.dead.name }
      statistic   = "Maximum"
      threshold   = 0
    }
    errors = {
      description = "Invocations failed as a whole: a crash, the memory or the time-out. A release that cannot be packaged is no error here."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = aws_lambda_function.packager.function_name }
      statistic   = "Sum"
      threshold   = 0
    }
    duration = {
      description = "An invocation took more than nine tenths of its ${var.timeout_seconds} seconds: releases are resumed instead of done at once. More memory brings more processors."
      namespace   = "AWS/Lambda"
      metric      = "Duration"
      dimensions  = { FunctionName = aws_lambda_function.packager.function_name }
      statistic   = "Maximum"
      threshold   = 900 * var.timeout_seconds
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "all" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
  tags                = var.tags
}
