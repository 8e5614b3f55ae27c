# The values of production. Names and numbers only: no secret stands here, nor in the state.
environment = "production"

# the company's own
company               = "acme"
aws_account_id        = "123456789012"
cloudflare_account_id = "0123456789abcdef0123456789abcdef"
cloudflare_zone_id    = "fedcba9876543210fedcba9876543210"
secrets_store_id      = "00112233445566778899aabbccddeeff"
hostname              = "cdn.example.com"
repository            = "acme/nada"
permissions_boundary  = "arn:aws:iam::123456789012:policy/nada-production-acme-boundary"
alert_emails          = ["ops@example.com"]

# sizes
old_versions_days      = 90
masters_lock_days      = 90
masters_replica_region = "ap-southeast-3"
maximum_concurrency    = 20
log_days               = 365
monthly_requests_alert = 60000000 # twice a million plays
monthly_dollars        = 1000

# from when it is published, and the canary's keys are in the Parameter Store
# canary_track = "INNDA2600001"

# from when the token is there
# edge_metrics = true
