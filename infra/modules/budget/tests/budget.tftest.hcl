# Who hears of costs, and when.

mock_provider "aws" {
  mock_resource "aws_ce_anomaly_monitor" {
    defaults = { arn = "arn:aws:ce::123456789012:anomalymonitor/01234567-89ab-cdef-0123-456789abcdef" }
  }
}

variables {
  name            = "nada-test"
  monthly_dollars = 250
  alert_emails    = ["ops@example.com", "money@example.com"]
}

run "before_the_budget_is_spent" {
  command = plan

  assert {
    condition     = aws_budgets_budget.month.limit_amount == "250" && aws_budgets_budget.month.time_unit == "MONTHLY"
    error_message = "the budget is another"
  }
  assert {
    condition = { for one in aws_budgets_budget.month.notification : one.notification_type => [one.threshold, join(" ", one.subscriber_email_addresses)] } == {
      ACTUAL     = [80, "money@example.com ops@example.com"]
      FORECASTED = [100, "money@example.com ops@example.com"]
    }
    error_message = "nobody hears of it in time"
  }
}

run "a_day_that_is_a_surprise" {
  command = apply

  assert {
    condition     = aws_ce_anomaly_subscription.daily.monitor_arn_list == tolist([aws_ce_anomaly_monitor.services[0].arn])
    error_message = "another account's costs are watched"
  }
  assert {
    condition     = one(one(aws_ce_anomaly_subscription.daily.threshold_expression[0].dimension).values) == "25"
    error_message = "the surprise has to be greater, or smaller, than a tenth of the month"
  }
}

run "an_account_that_has_a_monitor" {
  command = plan
  variables {
    anomaly_monitor_arn = "arn:aws:ce::123456789012:anomalymonitor/fedcba98-89ab-cdef-0123-456789abcdef"
  }

  assert {
    condition     = length(aws_ce_anomaly_monitor.services) == 0 && one(aws_ce_anomaly_subscription.daily.monitor_arn_list) == var.anomaly_monitor_arn
    error_message = "a second monitor is made, which AWS refuses"
  }
}

run "refuses_costs_that_nobody_hears_of" {
  command = plan
  variables {
    monthly_dollars     = 0
    alert_emails        = []
    anomaly_monitor_arn = "Default-Services-Monitor"
  }
  expect_failures = [var.monthly_dollars, var.alert_emails, var.anomaly_monitor_arn]
}
