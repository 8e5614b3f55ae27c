output "alarm_topic_arn" {
  description = "The SNS topic that alarms go to, here and in other modules of this region."
  value       = local.topic_arn

  depends_on = [aws_sns_topic.alarms]
}

output "function_name" {
  description = "The packaging function."
  value       = aws_lambda_function.packager.function_name
}

output "queue_url" {
  description = "Where releases wait."
  value       = aws_sqs_queue.inbox.url
}

output "dead_letters_url" {
  description = "Where the messages of releases lie that were given up; `aws sqs start-message-move-task` sends them back, with the queue they came from as `--destination-arn`."
  value       = aws_sqs_queue.dead.url
}
