output "token_parameter" {
  description = "The SecureString that holds the Cloudflare token, which may read Account Analytics: aws ssm put-parameter."
  value       = local.token
}
