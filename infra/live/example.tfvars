# What a company fills in, as live/staging/terraform.tfvars and live/production/terraform.tfvars. Names and numbers only: no
# secret stands here, nor in the state.
company               = "acme"
aws_account_id        = "123456789012"
cloudflare_account_id = "0123456789abcdef0123456789abcdef"
cloudflare_zone_id    = "fedcba9876543210fedcba9876543210"
secrets_store_id      = "00112233445566778899aabbccddeeff"
hostname              = "cdn.example.com"
repository            = "acme/nada"
alert_emails          = ["ops@example.com"]
