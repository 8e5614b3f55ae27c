variable "name" {
  description = "What the trail is called, and its bucket's name begins with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 36 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "buckets" {
  description = "The buckets whose objects' changes are recorded."
  type        = set(string)
  nullable    = false

  validation {
    # its own records would be recorded, and those again
    condition     = length(var.buckets) > 0 && !contains(var.buckets, "${var.name}-audit")
    error_message = "buckets must name at least one bucket, and not that of the records."
  }
}

variable "days" {
  description = "How long records are kept."
  type        = number
  default     = 400
  nullable    = false

  validation {
    condition     = var.days >= 90 && var.days <= 3650 && floor(var.days) == var.days
    error_message = "days must be a whole number from 90 to 3650."
  }
}

variable "tags" {
  description = "Tags of every resource here, besides the provider's own."
  type        = map(string)
  default     = {}
  nullable    = false
}
