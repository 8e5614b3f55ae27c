# The worker as it is deployed: what it is bound to, what nobody may log, and where it answers.

mock_provider "cloudflare" {}

variables {
  account_id       = "0123456789abcdef0123456789abcdef"
  zone_id          = "fedcba9876543210fedcba9876543210"
  secrets_store_id = "00112233445566778899aabbccddeeff"
  secrets = {
    keys                 = "nada-test-keys-1"
    s3_access_key_id     = "nada-test-s3-access-key-id-1"
    s3_secret_access_key = "nada-test-s3-secret-access-key-1"
  }
  name     = "nada-test"
  hostname = "cdn.example.com"
  bundle   = "../../tests/dist/worker"
  issuer   = "https://music.example.com"
  audience = "nada-test"
  origins = [
    { bucket = "nada-test-releases-ap-south-1", region = "ap-south-1", near = ["BOM", "IN"] },
    { bucket = "nada-test-releases-ap-southeast-3", region = "ap-southeast-3", near = ["CGK", "ID"] },
  ]
  monthly_requests_alert = 1000000
  alert_emails           = ["ops@example.com"]
}

run "no_url_is_logged" {
  command = plan

  assert {
    condition     = cloudflare_worker.edge.observability.logs.invocation_logs == false
    error_message = "invocation logs would hold URLs, and URLs hold tokens"
  }
  assert {
    condition     = cloudflare_worker.edge.logpush == false && length(cloudflare_worker.edge.tail_consumers) == 0
    error_message = "a pushed log or a tail would hold URLs, and URLs hold tokens"
  }
  assert {
    condition     = cloudflare_worker.edge.observability.enabled && cloudflare_worker.edge.observability.logs.enabled && cloudflare_worker.edge.observability.logs.head_sampling_rate == 1 && cloudflare_worker.edge.observability.head_sampling_rate == 1
    error_message = "lines of rare faults are lost"
  }
  assert {
    condition     = cloudflare_worker.edge.subdomain.enabled == false && cloudflare_worker.edge.subdomain.previews_enabled == false
    error_message = "the worker answers on workers.dev too"
  }
}

run "modules" {
  command = plan

  assert {
    condition = { for one in cloudflare_worker_version.edge.modules : one.name => [one.content_type, one.content_file] } == {
      "index.js"      = ["application/javascript+module", "../../tests/dist/worker/index.js"]
      "index_bg.wasm" = ["application/wasm", "../../tests/dist/worker/index_bg.wasm"]
    }
    error_message = "the version is not the shim and the wasm module"
  }
  assert {
    condition     = cloudflare_worker_version.edge.main_module == "index.js" && cloudflare_worker_version.edge.compatibility_date == "2026-07-30"
    error_message = "the version does not run as the tests do"
  }
}

run "bindings" {
  command = plan

  assert {
    condition = { for one in cloudflare_worker_version.edge.bindings : one.name => one.type } == {
      NADA_AUDIENCE             = "plain_text"
      NADA_ISSUER               = "plain_text"
      NADA_KEYS                 = "secrets_store_secret"
      NADA_ORIGINS              = "plain_text"
      NADA_POINTS               = "analytics_engine"
      NADA_S3_ACCESS_KEY_ID     = "secrets_store_secret"
      NADA_S3_SECRET_ACCESS_KEY = "secrets_store_secret"
      NADA_SAMPLING             = "plain_text"
    }
    error_message = "the worker is bound to more, to less, or to a secret's value"
  }
  assert {
    condition = { for one in cloudflare_worker_version.edge.bindings : one.name => "${one.store_id} ${one.secret_name} ${coalesce(one.text, "-")}" if one.type == "secrets_store_secret" } == {
      NADA_KEYS                 = "00112233445566778899aabbccddeeff nada-test-keys-1 -"
      NADA_S3_ACCESS_KEY_ID     = "00112233445566778899aabbccddeeff nada-test-s3-access-key-id-1 -"
      NADA_S3_SECRET_ACCESS_KEY = "00112233445566778899aabbccddeeff nada-test-s3-secret-access-key-1 -"
    }
    error_message = "a secret is not the one that its name says"
  }
  assert {
    condition     = join(" ", cloudflare_worker_version.edge.bindings[*].name) == join(" ", sort(cloudflare_worker_version.edge.bindings[*].name))
    error_message = "Cloudflare answers in the order of names: in another order every plan would show a change"
  }
  assert {
    condition = jsondecode(one([for one in cloudflare_worker_version.edge.bindings : one.text if one.name == "NADA_ORIGINS"])) == [
      { endpoint = "https://s3.ap-south-1.amazonaws.com", bucket = "nada-test-releases-ap-south-1", region = "ap-south-1", path_style = false, near = ["BOM", "IN"] },
      { endpoint = "https://s3.ap-southeast-3.amazonaws.com", bucket = "nada-test-releases-ap-southeast-3", region = "ap-southeast-3", path_style = false, near = ["CGK", "ID"] },
    ]
    error_message = "the edge would look elsewhere, or ask in another order"
  }
  assert {
    condition     = jsonencode(output.origins) == one([for one in cloudflare_worker_version.edge.bindings : one.text if one.name == "NADA_ORIGINS"])
    error_message = "`nada serve --origins` would read from elsewhere than the worker"
  }
  assert {
    condition     = output.dataset == "nada_test_points"
    error_message = "points go to another data set"
  }
}

# A second worker, which alone knows what licences are made of.
run "licenses" {
  command = plan
  variables {
    licenses = { bundle = "../../tests/dist/license-worker", seed = "nada-test-seed-1", servers = "nada-test-license-servers-1" }
  }
  assert {
    condition     = cloudflare_worker_version.edge.main_module == "licensed.js" && contains(cloudflare_worker_version.edge.modules[*].name, "licensed.js") && cloudflare_worker_version.license[0].main_module == "index.js"
    error_message = "licence requests are not handed on"
  }
  assert {
    condition     = { for one in cloudflare_worker_version.edge.bindings : one.name => one.service if one.type == "service" } == { NADA_LICENSES = "nada-test-license" }
    error_message = "licence requests go elsewhere"
  }
  assert {
    condition     = !anytrue([for name in cloudflare_worker_version.edge.bindings[*].name : contains(["NADA_SEED", "NADA_LICENSE_SERVERS"], name)])
    error_message = "the worker of media knows what licences are made of"
  }
  assert {
    condition     = join(" ", cloudflare_worker_version.license[0].bindings[*].name) == "NADA_AUDIENCE NADA_ISSUER NADA_KEYS NADA_LICENSE_SERVERS NADA_ORIGINS NADA_POINTS NADA_S3_ACCESS_KEY_ID NADA_S3_SECRET_ACCESS_KEY NADA_SAMPLING NADA_SEED"
    error_message = "the worker of licences is bound to more or to less"
  }
  assert {
    condition = { for one in cloudflare_worker_version.license[0].bindings : one.name => "${one.store_id} ${one.secret_name} ${coalesce(one.text, "-")}" if contains(["NADA_SEED", "NADA_LICENSE_SERVERS"], one.name) } == {
      NADA_LICENSE_SERVERS = "00112233445566778899aabbccddeeff nada-test-license-servers-1 -"
      NADA_SEED            = "00112233445566778899aabbccddeeff nada-test-seed-1 -"
    }
    error_message = "a secret is not the one that its name says"
  }
  assert {
    condition     = cloudflare_worker.license[0].observability.logs.invocation_logs == false && cloudflare_worker.license[0].logpush == false && cloudflare_worker.license[0].subdomain.enabled == false
    error_message = "URLs are logged, or the worker answers on workers.dev too"
  }
  assert {
    condition     = cloudflare_workers_route.certificate[0].pattern == "cdn.example.com/fairplay.cer" && cloudflare_workers_route.certificate[0].script == "nada-test-license"
    error_message = "FairPlay finds no certificate"
  }
  assert {
    condition     = anytrue([for one in cloudflare_ruleset.firewall[0].rules : one.expression == "http.host eq \"cdn.example.com\" and not http.request.method in {\"GET\" \"HEAD\" \"OPTIONS\"} and not (http.request.method eq \"POST\" and http.request.uri.path contains \"/license/\")"])
    error_message = "the zone refuses licence requests, or other POSTs are let in"
  }
}

run "no_licenses" {
  command = plan
  assert {
    condition     = length(cloudflare_worker.license) + length(cloudflare_worker_version.license) + length(cloudflare_workers_deployment.license) + length(cloudflare_workers_route.certificate) == 0
    error_message = "a worker stands that nobody asked for"
  }
}

run "refuses_a_seed_in_the_place_of_its_name" {
  command = plan
  variables {
    licenses = { bundle = "../../tests/dist/license-worker", seed = "aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899" }
  }
  expect_failures = [var.licenses]
}

run "refuses_licenses_of_nothing" {
  command = plan
  variables {
    licenses = { bundle = "../../tests/dist/license-worker" }
  }
  expect_failures = [var.licenses]
}

# A bucket of R2 by its host name: no key, and a rule.
run "r2" {
  command = plan
  variables {
    zone    = "example.com"
    secrets = { keys = "nada-test-keys-1" }
    origins = [{ endpoint = "https://releases.example.com" }]
  }
  assert {
    condition     = jsondecode(one([for one in cloudflare_worker_version.edge.bindings : one.text if one.name == "NADA_ORIGINS"])) == [{ endpoint = "https://releases.example.com", near = [] }]
    error_message = "the edge would not find R2, or would sign"
  }
  assert {
    condition     = join(" ", cloudflare_worker_version.edge.bindings[*].name) == "NADA_AUDIENCE NADA_ISSUER NADA_KEYS NADA_ORIGINS NADA_POINTS NADA_SAMPLING"
    error_message = "the worker is bound to a key that nothing needs"
  }
  assert {
    condition     = [for one in cloudflare_ruleset.firewall[0].rules : one.expression if one.action == "block" && one.enabled][0] == "http.host eq \"releases.example.com\" and cf.worker.upstream_zone ne \"example.com\""
    error_message = "everybody can read the bucket"
  }
  assert {
    condition     = length(cloudflare_ruleset.firewall[0].rules) == 5 && length(distinct(cloudflare_ruleset.firewall[0].rules[*].ref)) == 5
    error_message = "a rule is missing"
  }
}

run "refuses_a_bucket_that_no_rule_closes" {
  command = plan
  variables {
    zone       = "example.com"
    secrets    = { keys = "nada-test-keys-1" }
    origins    = [{ endpoint = "https://releases.example.com" }]
    zone_rules = false
  }
  expect_failures = [var.origins]
}

run "refuses_a_bucket_in_another_zone" {
  command = plan
  variables {
    zone    = "example.com"
    secrets = { keys = "nada-test-keys-1" }
    origins = [{ endpoint = "https://releases.example.net" }]
  }
  expect_failures = [var.origins]
}

run "refuses_a_bucket_at_the_edges_own_host_name" {
  command = plan
  variables {
    zone    = "example.com"
    secrets = { keys = "nada-test-keys-1" }
    origins = [{ endpoint = "https://cdn.example.com" }]
  }
  expect_failures = [var.origins]
}

run "refuses_half_of_what_a_signature_needs" {
  command = plan
  variables {
    zone    = "example.com"
    origins = [{ region = "ap-south-1" }]
  }
  expect_failures = [var.origins]
}

run "refuses_s3_without_a_key" {
  command = plan
  variables {
    secrets = { keys = "nada-test-keys-1" }
  }
  expect_failures = [var.secrets]
}

run "every_request_is_told_of" {
  command = plan
  variables {
    sampling = 1
  }
  assert {
    condition     = one([for one in cloudflare_worker_version.edge.bindings : one.text if one.name == "NADA_SAMPLING"]) == "1"
    error_message = "requests are left out"
  }
}

run "refuses_a_sampling_of_none" {
  command = plan
  variables {
    sampling = 0
  }
  expect_failures = [var.sampling]
}

run "refuses_an_endpoint_with_a_path" {
  command = plan
  variables {
    origins = [{ bucket = "nada-test-releases", region = "auto", near = [], endpoint = "https://a.r2.cloudflarestorage.com/nada" }]
  }
  expect_failures = [var.origins]
}

run "refuses_an_endpoint_in_the_clear" {
  command = plan
  variables {
    origins = [{ bucket = "nada-test-releases", region = "auto", near = [], endpoint = "http://a.r2.cloudflarestorage.com" }]
  }
  expect_failures = [var.origins]
}

run "refuses_what_is_no_bucket" {
  command = plan
  variables {
    origins = [{ bucket = "s3://releases", region = "ap-south-1", near = [] }]
  }
  expect_failures = [var.origins]
}

run "refuses_what_is_no_region" {
  command = plan
  variables {
    origins = [{ bucket = "nada-test-releases", region = "Mumbai", near = [] }]
  }
  expect_failures = [var.origins]
}

run "tokens_without_issuer" {
  command = plan
  variables {
    issuer   = null
    audience = null
  }
  assert {
    condition     = join(" ", cloudflare_worker_version.edge.bindings[*].name) == "NADA_KEYS NADA_ORIGINS NADA_POINTS NADA_S3_ACCESS_KEY_ID NADA_S3_SECRET_ACCESS_KEY NADA_SAMPLING"
    error_message = "an issuer or an audience is asked for that nobody named"
  }
}

run "zone" {
  command = plan

  assert {
    condition     = cloudflare_workers_custom_domain.edge.hostname == "cdn.example.com" && cloudflare_workers_custom_domain.edge.service == "nada-test" && output.base_url == "https://cdn.example.com"
    error_message = "players do not find the worker"
  }
  assert {
    condition     = cloudflare_tiered_cache.edge.value == "on" && cloudflare_argo_tiered_caching.edge.value == "on"
    error_message = "every colo would ask S3 by itself"
  }
  assert {
    condition = { for one in [cloudflare_notification_policy.incidents, cloudflare_notification_policy.attacks, cloudflare_notification_policy.certificates, cloudflare_notification_policy.usage] :
      one.alert_type => one.enabled ? join(" ", one.mechanisms.email[*].id) : "off"
      } == {
      incident_alert      = "ops@example.com"
      dos_attack_l7       = "ops@example.com"
      billing_usage_alert = "ops@example.com"

      dedicated_ssl_certificate_event_type = "ops@example.com"
    }
    error_message = "an alert is missing, off, or goes to nobody"
  }
  assert {
    condition     = cloudflare_notification_policy.usage.filters.limit == tolist(["1000000"])
    error_message = "the usage alert has another limit"
  }
}

run "tokens_travel_encrypted" {
  command = plan

  assert {
    condition = { for name, one in cloudflare_zone_setting.edge : name => one.value } == {
      "0rtt"           = "on"
      always_use_https = "on"
      browser_check    = "off"
      http3            = "on"
      min_tls_version  = "1.2"
      tls_1_3          = "on"
    }
    error_message = "plain http or an old TLS is answered, or players are challenged"
  }
  assert {
    condition     = cloudflare_zone_setting.hsts.value.strict_transport_security.enabled && cloudflare_zone_setting.hsts.value.strict_transport_security.max_age >= 31536000
    error_message = "a browser may try plain http again"
  }
  assert {
    condition     = cloudflare_bot_management.edge.fight_mode == false && cloudflare_bot_management.edge.enable_js == false && cloudflare_bot_management.edge.ai_bots_protection == "disabled"
    error_message = "players are taken for bots"
  }
}

run "what_is_no_request_of_nadas_costs_nothing" {
  command = plan

  assert {
    condition = { for one in cloudflare_ruleset.firewall[0].rules : one.description => one.expression if one.action == "block" && one.enabled } == {
      "plain http: a token would travel in the clear" = "http.host eq \"cdn.example.com\" and not ssl"
      "no method of Nada's"                           = "http.host eq \"cdn.example.com\" and not http.request.method in {\"GET\" \"HEAD\" \"OPTIONS\"}"
      "no path of Nada's"                             = "http.host eq \"cdn.example.com\" and not starts_with(http.request.uri.path, \"/~\") and not starts_with(http.request.uri.path, \"/t/\") and not http.request.uri.path in {\"/healthz\" \"/version\"}"
      "longer than any path of Nada's"                = "http.host eq \"cdn.example.com\" and len(http.request.uri.path) gt 8192"
    }
    error_message = "the worker is paid for what it refuses anyway, or other hosts of the zone are refused"
  }
  assert {
    condition     = length(distinct(cloudflare_ruleset.firewall[0].rules[*].ref)) == 4 && alltrue([for one in cloudflare_ruleset.firewall[0].rules : can(regex("^[a-z_]+$", one.ref))])
    error_message = "rules without references of their own are made anew when their order changes"
  }
  assert {
    condition     = length(cloudflare_ruleset.refusals) == 0
    error_message = "a limit needs a plan that counts by answers"
  }
}

run "who_is_refused_all_the_time" {
  command = plan
  variables {
    refusals_limit = { requests = 100, period = 60 }
  }

  assert {
    condition = [for one in cloudflare_ruleset.refusals[0].rules : [one.expression, one.ratelimit.counting_expression, one.ratelimit.requests_per_period, one.ratelimit.period]] == [
      ["http.host eq \"cdn.example.com\"", "http.host eq \"cdn.example.com\" and http.response.code in {401 403}", 100, 60]
    ]
    error_message = "listeners behind one address are counted, and not refusals alone"
  }
}

run "a_zone_with_rules_of_its_own" {
  command = plan
  variables {
    zone_rules     = false
    refusals_limit = { requests = 100, period = 60 }
  }

  assert {
    condition     = length(cloudflare_ruleset.firewall) == 0 && length(cloudflare_ruleset.refusals) == 0
    error_message = "others' rules are replaced"
  }
}

run "refuses_a_limit_that_cloudflare_does_not_have" {
  command = plan
  variables {
    refusals_limit = { requests = 1, period = 7 }
  }
  expect_failures = [var.refusals_limit]
}

run "the_new_version_takes_over" {
  command = plan

  override_resource {
    target          = cloudflare_worker_version.edge
    values          = { id = "01234567-89ab-cdef-0123-456789abcdef" }
    override_during = plan
  }
  assert {
    condition     = [for one in cloudflare_workers_deployment.edge.versions : [one.version_id, one.percentage]] == [[cloudflare_worker_version.edge.id, 100]] && cloudflare_workers_deployment.edge.script_name == "nada-test"
    error_message = "the version that was built does not answer"
  }
}

run "a_new_version_begins_with_a_few" {
  command = plan
  variables {
    rollout = { previous = "11111111-89ab-cdef-0123-456789abcdef", percentage = 10 }
  }

  override_resource {
    target          = cloudflare_worker_version.edge
    values          = { id = "01234567-89ab-cdef-0123-456789abcdef" }
    override_during = plan
  }
  assert {
    condition = [for one in cloudflare_workers_deployment.edge.versions : [one.version_id, one.percentage]] == [
      ["01234567-89ab-cdef-0123-456789abcdef", 10], ["11111111-89ab-cdef-0123-456789abcdef", 90],
    ]
    error_message = "one request in ten meets the new version, the others the one before"
  }
}

run "a_version_is_gone_back_on" {
  command = plan
  variables {
    rollout = { previous = "11111111-89ab-cdef-0123-456789abcdef", percentage = 0 }
  }

  assert {
    condition     = [for one in cloudflare_workers_deployment.edge.versions : [one.version_id, one.percentage]] == [["11111111-89ab-cdef-0123-456789abcdef", 100]]
    error_message = "the version before does not answer all"
  }
}

run "refuses_a_rollout_of_more_than_all" {
  command = plan
  variables {
    rollout = { previous = "the last one", percentage = 110 }
  }
  expect_failures = [var.rollout]
}

run "refuses_a_secrets_value" {
  command = plan
  variables {
    secrets = {
      keys                 = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"2026\",\"k\":\"AAAA\"}]}"
      s3_access_key_id     = "nada-test-s3-access-key-id-1"
      s3_secret_access_key = "nada-test-s3-secret-access-key-1"
    }
  }
  expect_failures = [var.secrets]
}

run "refuses_an_access_key" {
  command = plan
  variables {
    secrets = {
      keys                 = "nada-test-keys-1"
      s3_access_key_id     = "AKIAIOSFODNN7EXAMPLE"
      s3_secret_access_key = "nada-test-s3-secret-access-key-1"
    }
  }
  expect_failures = [var.secrets]
}

run "refuses_one_secret_for_two" {
  command = plan
  variables {
    secrets = {
      keys                 = "nada-test-keys-1"
      s3_access_key_id     = "nada-test-s3-1"
      s3_secret_access_key = "nada-test-s3-1"
    }
  }
  expect_failures = [var.secrets]
}

run "refuses_a_bundle_that_was_not_built" {
  command = plan
  variables {
    bundle = "../../tests/dist"
  }
  expect_failures = [var.bundle]
}

run "refuses_a_url_for_a_host" {
  command = plan
  variables {
    hostname = "https://cdn.example.com/"
  }
  expect_failures = [var.hostname]
}

run "refuses_an_empty_issuer" {
  command = plan
  variables {
    issuer   = ""
    audience = " "
  }
  expect_failures = [var.issuer, var.audience]
}

run "refuses_ids_of_another_shape" {
  command = plan
  variables {
    account_id       = "acme"
    zone_id          = "example.com"
    secrets_store_id = "default"
  }
  expect_failures = [var.account_id, var.zone_id, var.secrets_store_id]
}

run "refuses_alerts_for_nobody" {
  command = plan
  variables {
    alert_emails = []
  }
  expect_failures = [var.alert_emails]
}

run "refuses_sampling_beyond_all" {
  command = plan
  variables {
    log_sampling = 2
  }
  expect_failures = [var.log_sampling]
}
