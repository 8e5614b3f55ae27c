variable "name" {
  description = "What the functions, roles and alarms are called, or begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 36 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "base_url" {
  description = "What signed URLs begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.base_url))
    error_message = "base_url must be https:// and a host name."
  }
}

variable "track" {
  description = "The track that is played: one with lyrics, which is never withdrawn."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$", var.track))
    error_message = "track must be an ISRC without hyphens, such as INNDA2600001."
  }
}

variable "regions" {
  description = "The regions that it is played from, where listeners are."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.regions) > 0
    error_message = "regions must hold at least one: a canary that is nowhere sings for nobody."
  }
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

variable "issuer" {
  description = "The `iss` of its tokens; null for none."
  type        = string
  default     = null
}

variable "audience" {
  description = "The `aud` of its tokens; null for none."
  type        = string
  default     = null
}

variable "start_milliseconds" {
  description = "How long the playlists and the first segment may take together, for nine of ten plays in a quarter of an hour."
  type        = number
  default     = 3000
  nullable    = false
}

variable "log_days" {
  description = "How long the functions' logs are kept: a metric line a minute, and reasons."
  type        = number
  default     = 365
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "For each region, the SNS topic there."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for region in var.regions : startswith(lookup(var.alarm_topic_arns, region, ""), "arn:aws:sns:${region}:")])
    error_message = "alarm_topic_arns must have an SNS topic of each of regions."
  }
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
