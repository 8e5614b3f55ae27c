output "regions" {
  description = "Where its alarms are, whose names begin with NAME-canary-."
  value       = sort(var.regions)
}

output "keys_parameter" {
  description = "The SecureString that holds its signing keys, in each region: aws ssm put-parameter."
  value       = local.keys
}
