output "topic_arns" {
  description = "The topic of each region, for alarm_actions there."
  value       = { for region, arn in local.arns : region => arn }

  depends_on = [aws_sns_topic.alarms]
}
