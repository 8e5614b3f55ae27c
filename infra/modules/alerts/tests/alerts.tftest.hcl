# Everybody hears of every region's alarms.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_sns_topic" {
    defaults        = { arn = "arn:aws:sns:ap-south-1:123456789012:nada-test-alarms" }
    override_during = plan
  }
}

variables {
  name     = "nada-test"
  regions  = ["ap-south-1", "ap-southeast-3"]
  emails   = ["ops@example.com"]
  webhooks = ["https://events.pagerduty.com/integration/0123456789/enqueue"]
}

run "everybody_in_every_region" {
  command = plan

  assert {
    condition = sort([for one in aws_sns_topic_subscription.all : "${one.region} ${one.protocol} ${one.endpoint}"]) == tolist([
      "ap-south-1 email ops@example.com",
      "ap-south-1 https https://events.pagerduty.com/integration/0123456789/enqueue",
      "ap-southeast-3 email ops@example.com",
      "ap-southeast-3 https https://events.pagerduty.com/integration/0123456789/enqueue",
    ])
    error_message = "somebody does not hear of a region's alarms"
  }
  assert {
    condition     = output.topic_arns == { for region in ["ap-south-1", "ap-southeast-3"] : region => "arn:aws:sns:${region}:123456789012:nada-test-alarms" }
    error_message = "alarms tell other topics"
  }
  assert {
    condition = alltrue([for region, one in aws_sns_topic_policy.alarms : jsondecode(one.policy).Statement[0] == {
      Sid       = "Alarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:${region}:123456789012:nada-test-alarms"
      Condition = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:${region}:123456789012:alarm:nada-test-*" }
      }
    }])
    error_message = "others may raise alarms, or Nada's alarms may not"
  }
}

run "refuses_alarms_for_nobody" {
  command = plan
  variables {
    emails   = []
    webhooks = []
  }
  expect_failures = [var.webhooks]
}

run "refuses_what_is_no_mail" {
  command = plan
  variables {
    emails = ["ops"]
  }
  expect_failures = [var.emails]
}

run "refuses_what_is_no_address" {
  command = plan
  variables {
    webhooks = ["http://example.com"]
  }
  expect_failures = [var.webhooks]
}
