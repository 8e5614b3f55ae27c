# The bucket, where it lies, and who may reach it.

mock_provider "cloudflare" {}

variables {
  account_id = "0123456789abcdef0123456789abcdef"
  zone_id    = "fedcba9876543210fedcba9876543210"
  name       = "nada-test-acme-releases"
  hostname   = "releases.example.com"
  closed_by  = "11112222333344445555666677778888"
}

run "one_bucket_in_asia" {
  command = plan

  assert {
    condition     = [cloudflare_r2_bucket.releases.name, cloudflare_r2_bucket.releases.location, cloudflare_r2_bucket.releases.jurisdiction] == ["nada-test-acme-releases", "apac", "default"]
    error_message = "the bucket is another, or elsewhere"
  }
  assert {
    condition     = output.releases == { bucket = "nada-test-acme-releases", endpoint = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", region = "auto" }
    error_message = "publishers are sent elsewhere"
  }
  assert {
    condition     = cloudflare_r2_bucket_lifecycle.releases.rules[0].enabled && cloudflare_r2_bucket_lifecycle.releases.rules[0].abort_multipart_uploads_transition.condition.max_age == 86400
    error_message = "uploads that ended halfway are kept and paid for"
  }
}

run "the_zone_s_host_name_and_no_other" {
  command = plan

  assert {
    condition     = cloudflare_r2_managed_domain.releases.enabled == false
    error_message = "r2.dev gives every object to everybody"
  }
  assert {
    condition     = [cloudflare_r2_custom_domain.releases.domain, cloudflare_r2_custom_domain.releases.zone_id, cloudflare_r2_custom_domain.releases.min_tls] == ["releases.example.com", "fedcba9876543210fedcba9876543210", "1.2"] && cloudflare_r2_custom_domain.releases.enabled
    error_message = "the worker does not find the bucket"
  }
}

run "in_the_european_union" {
  command = plan
  variables {
    jurisdiction = "eu"
  }

  assert {
    condition     = alltrue([for one in [cloudflare_r2_bucket.releases, cloudflare_r2_bucket_lifecycle.releases, cloudflare_r2_managed_domain.releases, cloudflare_r2_custom_domain.releases] : one.jurisdiction == "eu"])
    error_message = "a bucket of a jurisdiction is found in that jurisdiction alone"
  }
  assert {
    condition     = output.releases.endpoint == "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com"
    error_message = "the jurisdiction has an endpoint of its own"
  }
}

run "refuses_a_host_name_that_is_open" {
  command = plan
  variables {
    closed_by = ""
  }
  expect_failures = [cloudflare_r2_custom_domain.releases]
}

run "refuses_a_location_that_r2_does_not_have" {
  command = plan
  variables {
    location = "ap-south-1"
  }
  expect_failures = [var.location]
}

run "refuses_a_jurisdiction_that_r2_does_not_have" {
  command = plan
  variables {
    jurisdiction = "in"
  }
  expect_failures = [var.jurisdiction]
}
