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
  description = "Where the messages of releases lie that were given up."
  value       = aws_sqs_queue.dead.url
}

output "dead_letters_arn" {
  description = "The same queue, for `aws sqs start-message-move-task`, which sends them back."
  value       = local.dead_arn
}
