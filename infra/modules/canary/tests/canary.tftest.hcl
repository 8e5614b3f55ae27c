# Where it plays from, what it may do, and who hears when it cannot play.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/nada-test-canary" }
  }
}

variables {
  name     = "nada-test"
  base_url = "https://cdn.example.com"
  track    = "INNDA2600001"
  regions  = ["ap-south-1", "ap-southeast-3"]
  archive  = "../../tests/dist/canary.zip"
  alarm_topic_arns = {
    ap-south-1     = "arn:aws:sns:ap-south-1:123456789012:nada-test-alarms"
    ap-southeast-3 = "arn:aws:sns:ap-southeast-3:123456789012:nada-test-alarms"
  }
}

run "plays_every_minute_where_listeners_are" {
  command = plan

  assert {
    condition     = { for region, one in aws_lambda_function.canary : region => [one.region, one.environment[0].variables.BASE, one.environment[0].variables.TRACK] } == { for region in ["ap-south-1", "ap-southeast-3"] : region => [region, "https://cdn.example.com", "INNDA2600001"] }
    error_message = "it plays something else, or from elsewhere"
  }
  assert {
    condition     = { for region, one in aws_cloudwatch_event_rule.minute : region => [one.region, one.schedule_expression] } == { for region in ["ap-south-1", "ap-southeast-3"] : region => [region, "rate(1 minute)"] }
    error_message = "it does not play every minute"
  }
  assert {
    condition     = alltrue([for one in aws_lambda_function.canary : one.timeout < 60])
    error_message = "a play that hangs overlaps with the next"
  }
  assert {
    condition     = !contains(keys(aws_lambda_function.canary["ap-south-1"].environment[0].variables), "ISSUER")
    error_message = "its tokens have an issuer that nobody named"
  }
}

run "whoever_cannot_play_is_heard" {
  command = plan

  assert {
    condition = { for key, one in aws_cloudwatch_metric_alarm.canary : key => [one.region, one.alarm_name, one.metric_name, one.dimensions.From, one.treat_missing_data, one(one.alarm_actions)] } == merge([
      for region in ["ap-south-1", "ap-southeast-3"] : {
        "failed-${region}" = [region, "nada-test-canary-failed-${region}", "Failed", region, "breaching", "arn:aws:sns:${region}:123456789012:nada-test-alarms"]
        "slow-${region}"   = [region, "nada-test-canary-slow-${region}", "Start", region, "notBreaching", "arn:aws:sns:${region}:123456789012:nada-test-alarms"]
      }
    ]...)
    error_message = "nobody hears of listeners who cannot play, or of a canary that fell silent"
  }
}

run "reads_its_keys_and_nothing_else" {
  command = plan

  assert {
    condition = { for one in jsondecode(aws_iam_role_policy.canary.policy).Statement : one.Sid => flatten([one.Action, one.Resource]) } == {
      Sign = ["ssm:GetParameter", "arn:aws:ssm:ap-south-1:123456789012:parameter/nada-test/canary-keys", "arn:aws:ssm:ap-southeast-3:123456789012:parameter/nada-test/canary-keys"]
      Log  = ["logs:CreateLogStream", "logs:PutLogEvents", "arn:aws:logs:ap-south-1:123456789012:log-group:/aws/lambda/nada-test-canary:*", "arn:aws:logs:ap-southeast-3:123456789012:log-group:/aws/lambda/nada-test-canary:*"]
    }
    error_message = "the canary may do more than play"
  }
}

run "tokens_with_an_issuer" {
  command = plan
  variables {
    issuer   = "https://music.example.com"
    audience = "nada-test"
  }

  assert {
    condition     = alltrue([for one in aws_lambda_function.canary : one.environment[0].variables.ISSUER == "https://music.example.com" && one.environment[0].variables.AUDIENCE == "nada-test"])
    error_message = "the edge would refuse its tokens"
  }
}

run "refuses_what_cannot_be_played" {
  command = plan
  variables {
    base_url         = "http://cdn.example.com"
    track            = "Kabir"
    regions          = []
    archive          = "nowhere.zip"
    alarm_topic_arns = {}
  }
  expect_failures = [var.base_url, var.track, var.regions, var.archive]
}
