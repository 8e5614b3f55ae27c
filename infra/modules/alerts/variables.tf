variable "name" {
  description = "What the topics' names, and those of the alarms that may speak there, begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 36 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "regions" {
  description = "Where there are alarms: an alarm can tell a topic of its own region alone."
  type        = set(string)
  nullable    = false
}

variable "emails" {
  description = "Addresses that are told. Each is asked by AWS to confirm, once for each region."
  type        = set(string)
  nullable    = false

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "emails must hold addresses."
  }
}

variable "webhooks" {
  description = "Addresses that SNS posts alarms to: integrations of PagerDuty or Opsgenie with Amazon CloudWatch. They lie in the state: whoever reads them can raise an incident, and no more."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for url in var.webhooks : startswith(url, "https://")])
    error_message = "webhooks must be addresses that begin with https://."
  }

  validation {
    condition     = length(var.emails) + length(var.webhooks) > 0
    error_message = "Neither emails nor webhooks holds anything: an alarm that nobody hears is none."
  }
}

variable "tags" {
  description = "Tags of every resource here, besides the provider's own."
  type        = map(string)
  default     = {}
  nullable    = false
}
