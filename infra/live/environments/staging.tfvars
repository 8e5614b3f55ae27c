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
permissions_boundary  = "arn:aws:iam::210987654321:policy/nada-staging-acme-boundary"
alert_emails          = ["ops@example.com"]

# sizes
old_versions_days      = 7
masters_lock_days      = 1
masters_archive_days   = null
maximum_concurrency    = 2
log_days               = 7
monthly_requests_alert = 10000000
monthly_dollars        = 50

# Cloudflare's networks, https://www.cloudflare.com/ips-v4 of November 2026: S3's endpoints have no IPv6. Production takes them
# when staging has played with them for a week.
edge_addresses = [
  "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "104.16.0.0/13", "104.24.0.0/14", "108.162.192.0/18", "131.0.72.0/22",
  "141.101.64.0/18", "162.158.0.0/15", "172.64.0.0/13", "173.245.48.0/20", "188.114.96.0/20", "190.93.240.0/20",
  "197.234.240.0/22", "198.41.128.0/17",
]

# from when it is published, and the canary's keys are in the Parameter Store
# canary_track = "INNDA2600001"

# from when the token is there
# edge_metrics = true
