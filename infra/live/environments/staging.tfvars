# The values of staging. Names and numbers only: no secret stands here, nor in the state.
environment = "staging"

# the company's own
company               = "acme"
aws_account_id        = "210987654321"
cloudflare_account_id = "fedcba9876543210fedcba9876543210"
cloudflare_zone_id    = "0123456789abcdef0123456789abcdef"
secrets_store_id      = "ffeeddccbbaa99887766554433221100"
hostname              = "cdn.staging.example.com"
repository            = "acme/nada"
alert_emails          = ["ops@example.com"]

# sizes
old_versions_days      = 7
masters_lock_days      = 1
masters_archive_days   = null
maximum_concurrency    = 2
log_days               = 7
log_sampling           = 1
monthly_requests_alert = 10000000
