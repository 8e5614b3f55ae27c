variable "name" {
  description = "What every bucket's and user's name begins with. Bucket names are taken over all of AWS: put the company's name in."
  type        = string
  nullable    = false

  validation {
    # the longest is NAME-releases-ap-southeast-3, and S3 allows 63
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 36 lower-case letters, digits and single hyphens, beginning with a letter."
  }
}

variable "origins" {
  description = <<-TEXT
    The regions that releases lie in, the primary first: publishers write to it, S3 replicates to all others. `near` lists
    the places that read from a region first: countries (ISO 3166-1 alpha-2) and Cloudflare's colos (three letters).
    Another country or another region is one entry here. None where releases lie in Cloudflare R2: then masters alone are here.
  TEXT
  type = list(object({
    region = string
    near   = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition     = length(var.origins) != 1
    error_message = "origins needs a primary and at least one replica, or there is nothing to fail over to."
  }

  validation {
    condition     = alltrue([for origin in var.origins : can(regex("^[a-z]{2}-[a-z]+-[0-9]$", origin.region))])
    error_message = "Every region of origins must be the name of an AWS region, such as ap-south-1."
  }

  validation {
    condition     = length(distinct(var.origins[*].region)) == length(var.origins)
    error_message = "Each region may stand in origins once."
  }

  validation {
    condition     = alltrue([for place in flatten([for origin in var.origins : tolist(origin.near)]) : can(regex("^([A-Z]{2}|[A-Z]{3})$", place))])
    error_message = "Every place in near must be a country such as IN or a colo such as BOM, in capitals."
  }

  validation {
    condition = length(distinct(flatten([for origin in var.origins : tolist(origin.near)]))) == length(
      flatten([for origin in var.origins : tolist(origin.near)])
    )
    error_message = "A place may be near one region only."
  }
}

variable "old_versions_days" {
  description = "How many days a replaced or deleted object can still be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.old_versions_days >= 7 && var.old_versions_days <= 3650 && floor(var.old_versions_days) == var.old_versions_days
    error_message = "old_versions_days must be a whole number from 7 (time to notice) to 3650."
  }
}

variable "masters_lock_days" {
  description = "How many days no version of a master can be deleted, whatever a policy allows (Object Lock, governance mode)."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.masters_lock_days >= 1 && var.masters_lock_days <= 3650 && floor(var.masters_lock_days) == var.masters_lock_days
    error_message = "masters_lock_days must be a whole number from 1 to 3650."
  }
}

variable "masters_archive_days" {
  description = "After how many days masters go to Glacier Instant Retrieval, from where they are read as before; null to keep them in S3 Standard. A master that is replaced within 90 days of that is charged for them."
  type        = number
  default     = 30

  validation {
    condition     = var.masters_archive_days == null || try(var.masters_archive_days >= 0 && var.masters_archive_days <= 3650 && floor(var.masters_archive_days) == var.masters_archive_days, false)
    error_message = "masters_archive_days must be null or a whole number from 0 to 3650."
  }
}

variable "masters_replica_region" {
  description = "The region that keeps a second copy of the masters, in Glacier Instant Retrieval; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.masters_replica_region == null || can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.masters_replica_region))
    error_message = "masters_replica_region must be null or the name of an AWS region, such as ap-southeast-3."
  }
}

variable "edge_user" {
  description = "The IAM user that the edge reads as, whose access keys are made by hand."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.edge_user))
    error_message = "edge_user must be the name of an IAM user."
  }
}

variable "edge_addresses" {
  description = "The networks that the edge reads from, in CIDR notation: its key is refused elsewhere. Empty for anywhere."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for network in var.edge_addresses : can(cidrhost(network, 0))])
    error_message = "edge_addresses must hold networks in CIDR notation, such as 162.158.0.0/15."
  }
}

variable "alarm_topic_arns" {
  description = "For each region of origins, the SNS topic there that hears of replication."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for region in var.origins[*].region : startswith(lookup(var.alarm_topic_arns, region, ""), "arn:aws:sns:${region}:")])
    error_message = "alarm_topic_arns must have an SNS topic of each region of origins: an alarm can tell a topic of its own region alone."
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
