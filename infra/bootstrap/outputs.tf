output "state" {
  description = "The bucket of the state, for environments/*.s3.tfbackend."
  value       = aws_s3_bucket.state.bucket
}

output "permissions_boundary" {
  description = "The bound of every role that infra/live makes, for environments/*.tfvars."
  value       = aws_iam_policy.boundary.arn
}

output "roles" {
  description = "AWS_ROLE of the GitHub environments that plan, apply and publish; the last one is infra/live's."
  value = merge(
    { for role, one in aws_iam_role.deployer : role => one.arn },
    { publisher = "arn:aws:iam::${var.aws_account_id}:role/${local.name}-publisher" },
  )
}

output "edge_user" {
  description = "The IAM user to make the edge's access keys for, by hand."
  value       = aws_iam_user.edge.name
}
