"""What `infra/verify` looks at."""
