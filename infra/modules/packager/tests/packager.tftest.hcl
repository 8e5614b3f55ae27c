# From the inbox to the function: who may send, how long a message is hidden, when it is given up, who hears of it.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { region = "ap-south-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/packager" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { url = "https://sqs.ap-south-1.amazonaws.com/123456789012/queue" }
  }
}

override_data {
  target = data.aws_servicequotas_service_quota.concurrency
  values = { value = 1000 }
}

variables {
  name      = "nada-test"
  masters   = { bucket = "nada-test-masters", arn = "arn:aws:s3:::nada-test-masters" }
  releases  = { bucket = "nada-test-releases-ap-south-1", arn = "arn:aws:s3:::nada-test-releases-ap-south-1", region = "ap-south-1" }
  bootstrap = "../../tests/dist/bootstrap.zip"

  alarm_topic_arn = "arn:aws:sns:ap-south-1:123456789012:nada-test-alarms"
}

run "an_upload_becomes_a_message" {
  command = plan

  assert {
    condition = [for queue in aws_s3_bucket_notification.inbox.queue : [queue.queue_arn, one(queue.events), queue.filter_prefix, queue.filter_suffix]] == [
      ["arn:aws:sqs:ap-south-1:123456789012:nada-test-inbox", "s3:ObjectCreated:*", "inbox/", "/release.toml"]
    ]
    error_message = "inbox/{release}/release.toml, and it alone, starts the packager"
  }
  assert {
    condition = contains(jsondecode(aws_sqs_queue_policy.inbox.policy).Statement, {
      Sid       = "Masters"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:ap-south-1:123456789012:nada-test-inbox"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::nada-test-masters" }
        StringEquals = { "aws:SourceAccount" = "123456789012" }
      }
    })
    error_message = "only the masters bucket of this account may send"
  }
  assert {
    condition = alltrue([for policy in [aws_sqs_queue_policy.inbox.policy, aws_sqs_queue_policy.dead.policy] : anytrue([
      for one in jsondecode(policy).Statement : one.Effect == "Deny" && one.Principal == "*" && one.Action == "sqs:*" && one.Condition == { Bool = { "aws:SecureTransport" = "false" } }
    ])])
    error_message = "a queue can be reached without TLS"
  }
}

run "queue_times" {
  command = plan

  assert {
    condition     = aws_sqs_queue.inbox.visibility_timeout_seconds >= 6 * aws_lambda_function.packager.timeout && aws_sqs_queue.inbox.visibility_timeout_seconds <= 43200
    error_message = "a message is shown again while someone may still work on it"
  }
  assert {
    condition     = aws_sqs_queue.dead.message_retention_seconds > aws_sqs_queue.inbox.message_retention_seconds
    error_message = "a message given up late would end before anybody looked"
  }
  assert {
    condition = jsondecode(aws_sqs_queue.inbox.redrive_policy) == {
      deadLetterTargetArn = "arn:aws:sqs:ap-south-1:123456789012:nada-test-dead"
      maxReceiveCount     = 8
    }
    error_message = "a message that keeps failing is not given up after eight deliveries"
  }
  assert {
    condition = jsondecode(aws_sqs_queue.dead.redrive_allow_policy) == {
      redrivePermission = "byQueue"
      sourceQueueArns   = ["arn:aws:sqs:ap-south-1:123456789012:nada-test-inbox"]
    }
    error_message = "other queues may give up into this one"
  }
  assert {
    condition     = aws_sqs_queue.inbox.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "messages lie unencrypted"
  }
}

run "a_shorter_function_hides_messages_shorter" {
  command = plan
  variables {
    timeout_seconds = 120
  }
  assert {
    condition     = aws_sqs_queue.inbox.visibility_timeout_seconds == 720 && aws_cloudwatch_metric_alarm.all["duration"].threshold == 108000
    error_message = "the queue and the alarm follow the time-out"
  }
}

run "the_function" {
  command = plan

  assert {
    condition     = aws_lambda_function.packager.runtime == "provided.al2023" && one(aws_lambda_function.packager.architectures) == "arm64" && aws_lambda_function.packager.handler == "bootstrap"
    error_message = "bootstrap is an arm64 program for provided.al2023"
  }
  assert {
    condition     = aws_lambda_function.packager.source_code_hash == filebase64sha256(var.bootstrap)
    error_message = "a new program would not be deployed"
  }
  assert {
    condition     = one(aws_lambda_event_source_mapping.inbox.function_response_types) == "ReportBatchItemFailures" && aws_lambda_event_source_mapping.inbox.scaling_config[0].maximum_concurrency == 10
    error_message = "one failure would fail a batch, or a flood of releases would take all of the account's invocations"
  }
  assert {
    condition     = aws_cloudwatch_log_group.packager.name == "/aws/lambda/nada-test" && aws_cloudwatch_log_group.packager.retention_in_days == 30 && aws_lambda_function.packager.logging_config[0].log_group == aws_cloudwatch_log_group.packager.name
    error_message = "logs go elsewhere, or stay for ever"
  }
}

# After a fail-over the masters and the function stay where they are.
run "another_primary" {
  command = plan
  variables {
    releases = { bucket = "nada-test-releases-ap-southeast-3", arn = "arn:aws:s3:::nada-test-releases-ap-southeast-3", region = "ap-southeast-3" }
  }
  assert {
    condition = (
      aws_lambda_function.packager.environment[0].variables["NADA_RELEASES_BUCKET"] == "nada-test-releases-ap-southeast-3"
      && aws_lambda_function.packager.environment[0].variables["NADA_RELEASES_REGION"] == "ap-southeast-3"
    )
    error_message = "the function looks for the releases in its own region"
  }
}

run "the_role_does_its_job_and_nothing_else" {
  command = plan

  assert {
    condition = { for one in jsondecode(aws_iam_role_policy.packager.policy).Statement : one.Sid => [flatten([one.Action]), flatten([one.Resource])] } == {
      TakeMessages  = [["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"], ["arn:aws:sqs:ap-south-1:123456789012:nada-test-inbox"]]
      GiveUp        = [["sqs:SendMessage"], ["arn:aws:sqs:ap-south-1:123456789012:nada-test-dead"]]
      ListMasters   = [["s3:ListBucket"], ["arn:aws:s3:::nada-test-masters"]]
      ReadInbox     = [["s3:GetObject"], ["arn:aws:s3:::nada-test-masters/inbox/*"]]
      WriteResult   = [["s3:PutObject"], ["arn:aws:s3:::nada-test-masters/inbox/*/result.json"]]
      ListReleases  = [["s3:ListBucket"], ["arn:aws:s3:::nada-test-releases-ap-south-1"]]
      ReadReleases  = [["s3:GetObject"], [for key in ["tracks/*", "releases/*.json", "changes.json", "revocations.json"] : "arn:aws:s3:::nada-test-releases-ap-south-1/${key}"]]
      WriteReleases = [["s3:PutObject"], [for key in ["tracks/*", "releases/*.json", "changes.json"] : "arn:aws:s3:::nada-test-releases-ap-south-1/${key}"]]
      Log           = [["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:ap-south-1:123456789012:log-group:/aws/lambda/nada-test:*"]]
    }
    error_message = "the role may do more than its job, or less"
  }
}

run "protects_with_a_seed" {
  command = plan

  variables {
    protection = true
  }

  assert {
    condition     = aws_lambda_function.packager.environment[0].variables["NADA_SEED_SECRET"] == "nada-test-seed"
    error_message = "the function does not know where the seed is"
  }
  assert {
    condition = [for one in jsondecode(aws_iam_role_policy.packager.policy).Statement : one.Resource if one.Sid == "ReadSecrets"] == [
      ["arn:aws:secretsmanager:ap-south-1:123456789012:secret:nada-test-seed-*"]
    ]
    error_message = "the role reads the seed, and no other secret"
  }
}

run "reads_no_secret_where_none_is_needed" {
  command = plan

  assert {
    condition     = !contains(keys(aws_lambda_function.packager.environment[0].variables), "NADA_SEED_SECRET") && !strcontains(aws_iam_role_policy.packager.policy, "secretsmanager")
    error_message = "without protection the function has a secret to read"
  }
}

run "someone_hears_of_it" {
  command = plan

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.all : key => [alarm.namespace, alarm.metric_name, alarm.statistic, alarm.threshold, alarm.comparison_operator] } == {
      oldest-message = ["AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", 3600, "GreaterThanThreshold"]
      dead-letters   = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 0, "GreaterThanThreshold"]
      errors         = ["AWS/Lambda", "Errors", "Sum", 0, "GreaterThanThreshold"]
      duration       = ["AWS/Lambda", "Duration", "Maximum", 810000, "GreaterThanThreshold"]
    }
    error_message = "an alarm is missing or looks elsewhere"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.all["oldest-message"].dimensions == tomap({ QueueName = "nada-test-inbox" }) && aws_cloudwatch_metric_alarm.all["dead-letters"].dimensions == tomap({ QueueName = "nada-test-dead" })
    error_message = "an alarm watches the wrong queue"
  }
  assert {
    condition = length(jsondecode(aws_cloudwatch_dashboard.packager.dashboard_body).widgets) == 9 && alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.packager.dashboard_body).widgets : widget.properties.region == "ap-south-1"
    ])
    error_message = "the dashboard lost a widget, or shows another region"
  }
}

run "the_function_gives_up_as_the_queue_does" {
  command = plan

  override_resource {
    target          = aws_sqs_queue.inbox
    values          = { url = "https://sqs.ap-south-1.amazonaws.com/123456789012/nada-test-inbox" }
    override_during = plan
  }
  override_resource {
    target          = aws_sqs_queue.dead
    values          = { url = "https://sqs.ap-south-1.amazonaws.com/123456789012/nada-test-dead" }
    override_during = plan
  }
  assert {
    condition     = aws_lambda_function.packager.environment[0].variables["NADA_DEAD_LETTERS_URL"] == "https://sqs.ap-south-1.amazonaws.com/123456789012/nada-test-dead"
    error_message = "what is given up goes elsewhere, or without its reason"
  }
  assert {
    condition     = aws_lambda_function.packager.environment[0].variables["NADA_DELIVERIES"] == tostring(jsondecode(aws_sqs_queue.inbox.redrive_policy).maxReceiveCount)
    error_message = "the queue gives up before the function can say why, or the function before the queue"
  }
}

run "alarms_reach_the_topic" {
  command = plan

  assert {
    condition = alltrue([for alarm in aws_cloudwatch_metric_alarm.all :
      one(alarm.alarm_actions) == var.alarm_topic_arn && one(alarm.ok_actions) == var.alarm_topic_arn
    ])
    error_message = "an alarm tells nobody"
  }
}

run "refuses_a_timeout_beyond_lambdas" {
  command = plan
  variables {
    timeout_seconds = 1200
  }
  expect_failures = [var.timeout_seconds]
}

run "refuses_one_invocation_at_a_time" {
  command = plan
  variables {
    maximum_concurrency = 1
  }
  expect_failures = [var.maximum_concurrency]
}

run "refuses_giving_up_at_once" {
  command = plan
  variables {
    deliveries = 1
  }
  expect_failures = [var.deliveries]
}

run "refuses_a_period_cloudwatch_lacks" {
  command = plan
  variables {
    log_days = 42
  }
  expect_failures = [var.log_days]
}

run "refuses_alarms_for_nobody" {
  command = plan
  variables {
    alarm_topic_arn = "ops@example.com"
  }
  expect_failures = [var.alarm_topic_arn]
}

run "refuses_another_buckets_arn" {
  command = plan
  variables {
    masters = { bucket = "nada-test-masters", arn = "arn:aws:s3:::*" }
  }
  expect_failures = [var.masters]
}

run "refuses_half_a_megabyte" {
  command = plan
  variables {
    memory_mb = 1000.5
    disk_mb   = 20000
  }
  expect_failures = [var.memory_mb, var.disk_mb]
}

run "a_new_account_takes_it" {
  command = plan

  assert {
    condition     = aws_lambda_function.packager.memory_size <= 3008
    error_message = "a new AWS account refuses more than 3,008 MB"
  }
}

run "as_many_at_a_time_as_the_account_allows" {
  command = plan
  variables {
    maximum_concurrency = 10
  }
  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 10 }
  }
}

run "refuses_more_at_a_time_than_the_account_allows" {
  command = plan
  variables {
    maximum_concurrency = 11
  }
  override_data {
    target = data.aws_servicequotas_service_quota.concurrency
    values = { value = 10 }
  }
  expect_failures = [aws_lambda_event_source_mapping.inbox]
}
