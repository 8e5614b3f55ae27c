# What is read, and which numbers are alarms.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { region = "ap-south-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/nada-test-edge-metrics" }
  }
}

variables {
  name            = "nada-test"
  account_id      = "0123456789abcdef0123456789abcdef"
  dataset         = "nada_test_points"
  edge_user       = "nada-test-edge"
  archive         = "../../tests/dist/canary.zip"
  alarm_topic_arn = "arn:aws:sns:ap-south-1:123456789012:nada-test-alarms"
}

run "numbers_have_alarms" {
  command = plan

  assert {
    condition = { for key, one in aws_cloudwatch_metric_alarm.edge : key => [one.metric_name, one.comparison_operator, one.threshold, one.dimensions.Environment, one(one.alarm_actions)] } == {
      failed      = ["Failed", "GreaterThanThreshold", 1, "nada-test", var.alarm_topic_arn]
      unavailable = ["OriginUnavailable", "GreaterThanThreshold", 0.5, "nada-test", var.alarm_topic_arn]
      hits        = ["Hits", "LessThanThreshold", 20, "nada-test", var.alarm_topic_arn]
      bypass      = ["Bypass", "GreaterThanThreshold", 5, "nada-test", var.alarm_topic_arn]
      key-age     = ["KeyAge", "GreaterThanThreshold", 180, "nada-test", var.alarm_topic_arn]
    }
    error_message = "a number that matters has no alarm, or another"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.silent.treat_missing_data == "breaching" && one(aws_cloudwatch_metric_alarm.silent.alarm_actions) == var.alarm_topic_arn
    error_message = "nobody hears when the numbers do not come"
  }
}

run "reads_and_nothing_else" {
  command = plan

  assert {
    condition = { for one in jsondecode(aws_iam_role_policy.reader.policy).Statement : one.Sid => one.Resource } == {
      Token     = "arn:aws:ssm:ap-south-1:123456789012:parameter/nada-test/cloudflare-token"
      AgeOfKeys = "arn:aws:iam::123456789012:user/nada-test-edge"
      Log       = "arn:aws:logs:ap-south-1:123456789012:log-group:/aws/lambda/nada-test-edge-metrics:*"
    }
    error_message = "the function may read more"
  }
}

run "an_edge_without_a_key" {
  command = plan
  variables {
    edge_user = null
  }

  assert {
    condition     = join(" ", sort(keys(aws_cloudwatch_metric_alarm.edge))) == "bypass failed hits unavailable"
    error_message = "the age of a key that does not exist is an alarm"
  }
  assert {
    condition     = !contains(jsondecode(aws_iam_role_policy.reader.policy).Statement[*].Sid, "AgeOfKeys") && !contains(keys(aws_lambda_function.reader.environment[0].variables), "EDGE_USER")
    error_message = "the function looks for a key that does not exist"
  }
}

run "refuses_what_is_no_dataset" {
  command = plan
  variables {
    dataset = "points; DROP"
    archive = "nowhere.zip"
  }
  expect_failures = [var.dataset, var.archive]
}
