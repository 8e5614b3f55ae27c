output "role_arn" {
  description = "The role that the publishing workflow assumes."
  value       = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/${aws_iam_role.publisher.name}"
}

output "subject" {
  description = "The `sub` of the one workflow that may assume it."
  value       = var.subject
}
