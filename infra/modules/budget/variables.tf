variable "name" {
  description = "What the budget and the anomalies' names begin with."
  type        = string
  nullable    = false
}

variable "monthly_dollars" {
  description = "What the account may cost in a month, in US dollars: mails at four fifths of it, and when more is foreseen."
  type        = number
  nullable    = false

  validation {
    condition     = var.monthly_dollars >= 1
    error_message = "monthly_dollars must be at least 1."
  }
}

variable "alert_emails" {
  description = "Who is told."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.alert_emails) > 0 && length(var.alert_emails) <= 10
    error_message = "alert_emails must hold one to ten addresses, which is what a budget takes."
  }
}

variable "anomaly_monitor_arn" {
  description = "The account's monitor of costs by service, where there is one: an account may have one. Null to make it."
  type        = string
  default     = null

  validation {
    condition     = var.anomaly_monitor_arn == null || can(regex("^arn:aws:ce::[0-9]{12}:anomalymonitor/.+$", var.anomaly_monitor_arn))
    error_message = "anomaly_monitor_arn must be null or the ARN of an anomaly monitor: aws ce get-anomaly-monitors."
  }
}

variable "tags" {
  description = "Tags of every resource here, besides the provider's own."
  type        = map(string)
  default     = {}
  nullable    = false
}
