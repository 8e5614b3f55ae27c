# The modules together: what one of them makes is what the others are told of.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { region = "ap-south-1" }
  }
}

mock_provider "cloudflare" {}

override_data {
  target = module.packager.data.aws_servicequotas_service_quota.concurrency
  values = { value = 1000 }
}

variables {
  environment           = "production"
  company               = "acme"
  aws_account_id        = "123456789012"
  cloudflare_account_id = "0123456789abcdef0123456789abcdef"
  cloudflare_zone_id    = "fedcba9876543210fedcba9876543210"
  secrets_store_id      = "00112233445566778899aabbccddeeff"
  hostname              = "cdn.example.com"
  repository            = "acme/nada"
  alert_emails          = ["ops@example.com"]
  dist                  = "../tests/dist"

  monthly_requests_alert = 60000000
  monthly_dollars        = 1000
}

run "mumbai_and_jakarta" {
  command = plan

  assert {
    condition = [for origin in output.origins : [origin.region, origin.bucket]] == [
      ["ap-south-1", "nada-production-acme-releases-ap-south-1"],
      ["ap-southeast-3", "nada-production-acme-releases-ap-southeast-3"],
    ]
    error_message = "the primary is Mumbai, the replica Jakarta"
  }
  assert {
    condition     = output.origins[*].endpoint == ["https://s3.ap-south-1.amazonaws.com", "https://s3.ap-southeast-3.amazonaws.com"]
    error_message = "`nada serve --origins` is not told where to ask"
  }
  assert {
    condition     = contains(output.origins[0].near, "IN") && contains(output.origins[1].near, "ID")
    error_message = "listeners read from the other end"
  }
  assert {
    condition     = output.releases.region == "ap-south-1" && output.masters == "nada-production-acme-masters"
    error_message = "publishers are sent elsewhere"
  }
  assert {
    condition     = output.publisher_role_arn == "arn:aws:iam::123456789012:role/nada-production-acme-publisher"
    error_message = "the workflow is told of another role"
  }
  assert {
    condition     = output.dead_letters_arn == "arn:aws:sqs:ap-south-1:123456789012:nada-production-acme-dead" && output.queue_arn == "arn:aws:sqs:ap-south-1:123456789012:nada-production-acme-inbox"
    error_message = "dead letters are looked for elsewhere, or sent elsewhere"
  }
}

# One entry.
run "switzerland" {
  command = plan

  variables {
    origins = [
      { region = "ap-south-1", near = ["IN", "BOM"] },
      { region = "ap-southeast-3", near = ["ID", "CGK"] },
      { region = "eu-central-2", near = ["CH", "ZRH"] },
    ]
  }

  assert {
    condition     = [for origin in output.origins : [origin.region, origin.bucket, join(" ", origin.near)]][2] == ["eu-central-2", "nada-production-acme-releases-eu-central-2", "CH ZRH"]
    error_message = "Switzerland is not served"
  }
}

# Releases in one bucket of R2: no key at the edge, and a rule in front of the bucket.
run "r2" {
  command = plan

  variables {
    origin          = "r2"
    cloudflare_zone = "example.com"
  }

  assert {
    condition     = output.releases == { bucket = "nada-production-acme-releases", endpoint = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", region = "auto" }
    error_message = "publishers are sent elsewhere"
  }
  assert {
    condition     = output.origins == [{ bucket = "nada-production-acme-releases", endpoint = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", region = "auto", path_style = true, near = [] }]
    error_message = "`nada serve --origins` is not told where to ask"
  }
  assert {
    condition     = jsonencode(module.edge.origins) == jsonencode([{ endpoint = "https://releases.example.com", near = [] }]) && output.bucket_hostname == "releases.example.com"
    error_message = "the edge looks elsewhere"
  }
  assert {
    condition     = output.masters == "nada-production-acme-masters" && module.origin.releases == null && length(module.origin.origins) == 0 && length(output.primary_policies) == 0
    error_message = "masters are elsewhere, or releases are in S3, too"
  }
}

run "r2_in_a_jurisdiction" {
  command = plan

  variables {
    origin          = "r2"
    cloudflare_zone = "example.com"
    r2_hostname     = "music-store.example.com"
    r2_jurisdiction = "eu"
  }

  assert {
    condition     = output.origins[0].endpoint == output.releases.endpoint && output.releases.endpoint == "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com" && output.bucket_hostname == "music-store.example.com"
    error_message = "a bucket of a jurisdiction is found by that jurisdiction's endpoint alone"
  }
}

run "refuses_r2_without_a_zone" {
  command = plan

  variables {
    origin = "r2"
  }
  expect_failures = [var.cloudflare_zone]
}

run "refuses_another_store" {
  command = plan

  variables {
    origin = "gcs"
  }
  expect_failures = [var.origin]
}

run "a_repository_by_its_names" {
  command = plan

  assert {
    condition     = module.ci.subject == "repo:acme/nada:environment:production-releases"
    error_message = "another workflow publishes, or the one that deploys"
  }
}

run "a_repository_by_its_ids" {
  command = plan
  variables {
    repository = "acme@123456/nada@456789"
  }

  assert {
    condition     = module.ci.subject == "repo:acme@123456/nada@456789:environment:production-releases"
    error_message = "another workflow publishes, or the one that deploys"
  }
}

run "refuses_a_repository_with_half_of_its_ids" {
  command = plan
  variables {
    repository = "acme/nada@456789"
  }
  expect_failures = [var.repository]
}

# Another environment is another value of `environment`; nothing of it is called as the first one's.
run "staging" {
  command = plan
  variables {
    environment = "staging"
  }

  assert {
    condition     = alltrue([for value in [output.masters, output.releases.bucket, output.publisher_role_arn, output.queue_arn] : strcontains(value, "nada-staging-acme")])
    error_message = "an environment's names begin with it"
  }
  assert {
    condition     = module.ci.subject == "repo:acme/nada:environment:staging-releases" && output.dataset == "nada_staging_points"
    error_message = "staging publishes, or counts, as production"
  }
  assert {
    condition     = join(" ", [for one in values(local.secrets) : one]) == "nada-staging-keys-1 nada-staging-s3-access-key-id-1 nada-staging-s3-secret-access-key-1"
    error_message = "staging's edge is bound to secrets of other names"
  }
}

run "a_takedown_that_takes_long_is_an_alarm" {
  command = plan
  variables {
    takedown_alarm = true
  }

  assert {
    condition     = [for one in aws_cloudwatch_metric_alarm.takedown : [one.namespace, one.threshold, one.treat_missing_data, one.dimensions.Environment, one(one.alarm_actions)]] == [["Nada/Takedown", 60, "breaching", "nada-production-acme", "arn:aws:sns:ap-south-1:123456789012:nada-production-acme-alarms"]]
    error_message = "nobody hears of a withdrawal that does not hold"
  }
}

run "secrets_are_rotated_one_by_one" {
  command = plan
  variables {
    secrets = { keys = "nada-production-keys-2" }
  }

  assert {
    condition     = local.secrets.keys == "nada-production-keys-2" && local.secrets.s3_access_key_id == "nada-production-s3-access-key-id-1"
    error_message = "one secret cannot be named without the others"
  }
}

run "refuses_an_environment_that_is_no_word" {
  command = plan
  variables {
    environment = "Production 1"
  }
  expect_failures = [var.environment]
}

run "refuses_an_identity_of_an_origin" {
  command = plan
  variables {
    sts_region = "ap-southeast-3"
  }
  expect_failures = [var.sts_region]
}

run "refuses_secrets_of_another_environment" {
  command = plan
  variables {
    secrets = {
      keys                 = "nada-other-keys-1"
      s3_access_key_id     = "nada-production-s3-access-key-id-1"
      s3_secret_access_key = "nada-production-s3-secret-access-key-1"
    }
  }
  expect_failures = [var.secrets]
}

run "refuses_what_was_not_built" {
  command = plan
  variables {
    dist = "."
  }
  expect_failures = [var.dist]
}

run "refuses_a_company_that_is_no_word" {
  command = plan
  variables {
    company = "Acme & Co."
  }
  expect_failures = [var.company]
}

run "refuses_what_the_modules_would" {
  command = plan
  variables {
    hostname     = "https://cdn.example.com"
    issuer       = ""
    audience     = ""
    alert_emails = []
    origins      = [{ region = "ap-south-1" }]
  }
  expect_failures = [var.hostname, var.issuer, var.audience, var.alert_emails, var.origins]
}

run "refuses_ids_of_another_shape" {
  command = plan
  variables {
    aws_account_id        = "acme"
    cloudflare_account_id = "acme"
    cloudflare_zone_id    = "example.com"
    secrets_store_id      = "default"
    repository            = "acme"
  }
  expect_failures = [var.aws_account_id, var.cloudflare_account_id, var.cloudflare_zone_id, var.secrets_store_id, var.repository]
}
