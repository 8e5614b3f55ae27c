# What the account costs, and who hears of it. Cloudflare's usage is in module edge.

resource "aws_budgets_budget" "month" {
  name         = "${var.name}-month"
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_dollars)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  tags         = var.tags

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      notification_type          = notification.key
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = sort(var.alert_emails)
    }
  }
}

resource "aws_ce_anomaly_monitor" "services" {
  count = var.anomaly_monitor_arn == null ? 1 : 0

  name              = "${var.name}-services"
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
  tags              = var.tags
}

# A day's surprise of a tenth of the month's budget.
resource "aws_ce_anomaly_subscription" "daily" {
  name             = "${var.name}-anomalies"
  frequency        = "DAILY"
  monitor_arn_list = [coalesce(var.anomaly_monitor_arn, one(aws_ce_anomaly_monitor.services[*].arn))]
  tags             = var.tags

  dynamic "subscriber" {
    for_each = var.alert_emails

    content {
      type    = "EMAIL"
      address = subscriber.value
    }
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(ceil(var.monthly_dollars / 10))]
    }
  }
}
