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

output "dead_letters_arn" {
  description = "That queue, as `--source-arn` of `aws sqs start-message-move-task`."
  value       = local.dead_arn
}

output "queue_arn" {
  description = "The queue where releases wait, as its `--destination-arn`."
  value       = local.queue_arn
}
