variable "name" {
  description = "What the function, its role and its alarms are called, or begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 36 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The Cloudflare account."
  type        = string
  nullable    = false
}

variable "dataset" {
  description = "The Analytics Engine data set that the edge writes its points to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9_]+$", var.dataset))
    error_message = "dataset must be lower-case letters, digits and underscores: it stands in a query."
  }
}

variable "edge_user" {
  description = "The IAM user whose key's age is watched; null where the edge reads without one."
  type        = string
  default     = null
}

variable "archive" {
  description = "Path of the zip with the program, which infra/build makes."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.archive)
    error_message = "There is no file at archive; infra/build makes dist/canary.zip."
  }
}

variable "limits" {
  description = "In percent of requests: how many may fail, how many may find an origin silent, how many of those that look into the cache must find something, and how many may find that nothing is kept; and in days, how old the edge's key may be."
  type = object({
    failed      = optional(number, 1)
    unavailable = optional(number, 0.5)
    hits        = optional(number, 20)
    bypass      = optional(number, 5)
    key_days    = optional(number, 180)
  })
  default  = {}
  nullable = false
}

variable "alarm_topic_arn" {
  description = "The SNS topic of the provider's region that alarms go to."
  type        = string
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds every role and user made here; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws:iam::[0-9]{12}:policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be null or the ARN of a policy."
  }
}

variable "tags" {
  description = "Tags of every resource here, besides the provider's own."
  type        = map(string)
  default     = {}
  nullable    = false
}
