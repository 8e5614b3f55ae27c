# One page: what waits, what works, what failed.

locals {
  widgets = [
    {
      title   = "Waiting releases"
      stat    = "Maximum"
      metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.inbox.name], [".", "ApproximateNumberOfMessagesNotVisible", ".", "."]]
    },
    {
      title   = "Age of the oldest, s"
      stat    = "Maximum"
      metrics = [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.inbox.name]]
    },
    {
      title   = "Given up"
      stat    = "Maximum"
      metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead.name]]
    },
    {
      title   = "Invocations, errors, throttles"
      stat    = "Sum"
      metrics = [for name in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", name, "FunctionName", aws_lambda_function.packager.function_name]]
    },
    {
      title   = "Duration of an invocation, ms"
      stat    = "Maximum"
      metrics = [["AWS/Lambda", "Duration", "FunctionName", aws_lambda_function.packager.function_name]]
    },
    {
      title   = "Invocations at a time"
      stat    = "Maximum"
      metrics = [["AWS/Lambda", "ConcurrentExecutions", "FunctionName", aws_lambda_function.packager.function_name]]
    },
    # what the function says of its releases, in the embedded metric format
    {
      title   = "Releases published, put off, failed"
      stat    = "Sum"
      metrics = [for name in ["Published", "Retrying", "Failed"] : ["Nada/Packager", name, "Function", aws_lambda_function.packager.function_name]]
    },
    {
      title   = "Audio packaged, s, and bytes sent"
      stat    = "Sum"
      metrics = [for name in ["AudioSeconds", "UploadedBytes"] : ["Nada/Packager", name, "Function", aws_lambda_function.packager.function_name]]
    },
    {
      title   = "Seconds of audio in a second"
      stat    = "Average"
      metrics = [["Nada/Packager", "EncodeSpeed", "Function", aws_lambda_function.packager.function_name]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "packager" {
  dashboard_name = "${var.name}-packager"

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type   = "metric"
        x      = 8 * (index % 3)
        y      = 6 * floor(index / 3)
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = local.region
          stat    = widget.stat
          period  = 300
          view    = "timeSeries"
          metrics = widget.metrics
        }
      }
    ]
  })
}
