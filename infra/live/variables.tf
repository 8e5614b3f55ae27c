# All that differs between companies and environments. Values stand in environments/*.tfvars; there is no secret among them.

variable "environment" {
  description = "What this environment is called: the middle of all names, and the beginning of GitHub's environments."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment must be 2 to 12 lower-case letters and digits, beginning with a letter."
  }
}

variable "company" {
  description = "A short name of the company, which makes bucket names unique over all of AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]{2,16}$", var.company))
    error_message = "company must be 2 to 16 lower-case letters and digits."
  }
}

variable "aws_account_id" {
  description = "The AWS account of this environment. With credentials of another one nothing is planned."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id must be 12 digits."
  }
}

variable "cloudflare_account_id" {
  description = "The Cloudflare account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.cloudflare_account_id))
    error_message = "cloudflare_account_id must be 32 hexadecimal digits."
  }
}

variable "cloudflare_zone_id" {
  description = "The Cloudflare zone of this environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.cloudflare_zone_id))
    error_message = "cloudflare_zone_id must be 32 hexadecimal digits."
  }
}

variable "secrets_store_id" {
  description = "The Cloudflare account's Secrets Store."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.secrets_store_id))
    error_message = "secrets_store_id must be 32 hexadecimal digits."
  }
}

variable "protection" {
  description = "Whether the packager may protect releases that ask for it: keys are then derived from the secret nada-ENVIRONMENT-COMPANY-seed of AWS Secrets Manager, which is made by hand."
  type        = bool
  default     = false
  nullable    = false
}

variable "licenses" {
  description = "Licences of protected tracks; null for none. Names in the Secrets Store, never values: of the seed that ClearKey licences are made of, of the licence servers of vendors, or of both."
  type = object({
    seed    = optional(string)
    servers = optional(string)
  })
  default = null

  validation {
    condition     = var.licenses == null || try(alltrue([for name in compact([var.licenses.seed, var.licenses.servers]) : startswith(name, "nada-${var.environment}-")]), false)
    error_message = "licenses holds names that begin with nada-${var.environment}-: not values, and not those of another environment."
  }
}

variable "secrets" {
  description = "Names in the Secrets Store, never values: by default nada-ENVIRONMENT-keys-1, …-s3-access-key-id-1, …-s3-secret-access-key-1. A rotation makes new secrets and names them here."
  type = object({
    keys                 = optional(string)
    s3_access_key_id     = optional(string)
    s3_secret_access_key = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in values(var.secrets) : name == null ? true : startswith(name, "nada-${var.environment}-")])
    error_message = "secrets holds names that begin with nada-${var.environment}-: not values, and not those of another environment."
  }
}

variable "hostname" {
  description = "Where players find the edge, within the zone."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9.-]+\\.[a-z]{2,}$", var.hostname))
    error_message = "hostname must be a host name in lower case, without scheme or path."
  }
}

variable "issuer" {
  description = "The `iss` that every token must have, your backend's. Null while `nada sign` mints them: it names none."
  type        = string
  default     = null

  validation {
    condition     = var.issuer == null || try(length(trimspace(var.issuer)) > 0, false)
    error_message = "issuer must be null or not empty."
  }
}

variable "audience" {
  description = "The `aud` that every token must name. Null while `nada sign` mints them: it names none. What keeps other environments' tokens out is that keys are not shared."
  type        = string
  default     = null

  validation {
    condition     = var.audience == null || try(length(trimspace(var.audience)) > 0, false)
    error_message = "audience must be null or not empty."
  }
}

variable "repository" {
  description = "The GitHub repository whose environment ENVIRONMENT-releases may publish: OWNER@ID/NAME@ID or OWNER/NAME, as the repository's tokens name it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([A-Za-z0-9-]+@[1-9][0-9]*/[A-Za-z0-9._-]+@[1-9][0-9]*|[A-Za-z0-9-]+/[A-Za-z0-9._-]+)$", var.repository))
    error_message = "repository must be OWNER@ID/NAME@ID or OWNER/NAME."
  }
}

variable "alert_emails" {
  description = "Who hears of alarms of AWS and Cloudflare."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.alert_emails) > 0
    error_message = "alert_emails must hold at least one address: an alarm that nobody hears is none."
  }
}

variable "origin" {
  description = "Where releases lie: s3, in the regions of `origins`, or r2, in one bucket of Cloudflare's. infra/README.md has what each needs; changing it is moving all releases."
  type        = string
  default     = "s3"
  nullable    = false

  validation {
    condition     = contains(["s3", "r2"], var.origin)
    error_message = "origin must be s3 or r2."
  }
}

variable "cloudflare_zone" {
  description = "The name of the Cloudflare zone, such as example.com. With r2 alone: the zone's own workers may read the bucket."
  type        = string
  default     = null

  validation {
    condition     = var.origin == "s3" || var.cloudflare_zone != null
    error_message = "With origin = \"r2\", cloudflare_zone must name the zone: a rule closes the bucket to all but its workers."
  }
}

variable "r2_hostname" {
  description = "With r2: the host name, in the zone, by which the worker reads the bucket. releases.ZONE where nothing else is said."
  type        = string
  default     = null
}

variable "r2_location" {
  description = "With r2: where the bucket should lie, a hint that counts when it is made: apac, eeur, enam, oc, weur or wnam."
  type        = string
  default     = "apac"
  nullable    = false
}

variable "r2_jurisdiction" {
  description = "With r2: where the bucket must lie, eu or fedramp; null for none. There is none in Asia. It cannot be changed."
  type        = string
  default     = null
}

variable "origins" {
  description = "With s3: the regions that releases lie in, the primary first, and the countries and Cloudflare colos near each. Another country or region is one entry here."
  type = list(object({
    region = string
    near   = optional(set(string), [])
  }))
  default = [
    {
      region = "ap-south-1" # Mumbai
      near   = ["IN", "BOM", "DEL", "MAA", "HYD", "BLR", "CCU", "AMD", "COK", "NAG", "KNU", "PAT", "BBI", "CNN", "IXC"]
    },
    {
      region = "ap-southeast-3" # Jakarta
      near   = ["ID", "CGK", "DPS", "JOG", "SUB", "SIN", "KUL"]
    },
  ]
  nullable = false

  validation {
    condition     = length(var.origins) >= 2
    error_message = "origins needs a primary and at least one replica."
  }
}

variable "region" {
  description = "Where the Lambda, the masters and the alarms lie."
  type        = string
  default     = "ap-south-1" # Mumbai
  nullable    = false
}

variable "sts_region" {
  description = "Who one is, and where the state lies, must not be an origin's to say: neither region of origins."
  type        = string
  default     = "ap-southeast-1" # Singapore
  nullable    = false

  validation {
    condition     = !contains(var.origins[*].region, var.sts_region)
    error_message = "sts_region must be no region of origins: failing over from that region would need it."
  }
}

variable "old_versions_days" {
  description = "How many days a replaced or deleted object can still be restored."
  type        = number
  default     = 30
  nullable    = false
}

variable "masters_lock_days" {
  description = "How many days no version of a master can be deleted, whatever a policy allows."
  type        = number
  default     = 30
  nullable    = false
}

variable "masters_archive_days" {
  description = "After how many days masters go to Glacier Instant Retrieval; null to keep them in S3 Standard."
  type        = number
  default     = 30
}

variable "masters_replica_region" {
  description = "The region that keeps a second copy of the masters; null for none."
  type        = string
  default     = null
}

variable "audit_days" {
  description = "How many days it is kept who changed a setting of the account or an object; null where the organisation has a trail of its own."
  type        = number
  default     = 400
}

variable "memory_mb" {
  description = "Memory of one invocation of the packager. A new AWS account allows 3,008 MB."
  type        = number
  default     = 3008
  nullable    = false
}

variable "maximum_concurrency" {
  description = "Releases packaged at a time. A new AWS account allows ten."
  type        = number
  default     = 2
  nullable    = false
}

variable "log_days" {
  description = "How long the packager's logs are kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "sampling" {
  description = "Of the edge's requests that go well or are refused, one in so many is told of, with that weight; faults always."
  type        = number
  default     = 10
  nullable    = false
}

variable "log_sampling" {
  description = "Which share of the edge's invocations may keep log lines at all, 0 to 1."
  type        = number
  default     = 1
  nullable    = false
}

variable "monthly_requests_alert" {
  description = "Requests in a billing period above which Cloudflare writes to alert_emails: twice what is expected. A play is about 31 requests."
  type        = number
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds every role and user made here; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every AWS resource, besides project and environment: owner, cost centre."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "alert_webhooks" {
  description = "Addresses that alarms of AWS are posted to: integrations of PagerDuty or Opsgenie with Amazon CloudWatch."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "cloudflare_webhook_ids" {
  description = "Webhooks of the Cloudflare account that its notifications go to, by their ids: Notifications, Destinations."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "canary_track" {
  description = "The track that is played every minute, by its ISRC: one with lyrics, which is never withdrawn. Null until there is one, and the canary's keys are in the Parameter Store."
  type        = string
  default     = null
}

variable "canary_regions" {
  description = "The AWS regions that it is played from, where listeners are."
  type        = set(string)
  default     = ["ap-south-1", "ap-southeast-3"]
  nullable    = false
}

variable "edge_metrics" {
  description = "Whether the edge's numbers become metrics with alarms: from when a Cloudflare token that may read Account Analytics is in the Parameter Store."
  type        = bool
  default     = false
  nullable    = false
}

variable "edge_limits" {
  description = "In percent of requests: how many may fail, how many may find an origin silent, how many must be hits, how many may be kept by no cache; and in days, how old the edge's key may be."
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

variable "takedown_alarm" {
  description = "Whether a withdrawal that takes more than 60 s is an alarm: from when takedown.yml runs."
  type        = bool
  default     = false
  nullable    = false
}

variable "monthly_dollars" {
  description = "What this environment's AWS account may cost in a month: mails at four fifths of it, and when more is foreseen. infra/cost computes what to expect."
  type        = number
  nullable    = false
}

variable "anomaly_monitor_arn" {
  description = "The account's monitor of costs by service, where there is one: an account may have one, and AWS makes it for some. Null to make it."
  type        = string
  default     = null
}

variable "edge_addresses" {
  description = "The networks that the edge reads from, in CIDR notation; empty for anywhere."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "zone_rules" {
  description = "Whether the zone's custom rules and rate limiting rules are Nada's."
  type        = bool
  default     = true
  nullable    = false
}

variable "refusals_limit" {
  description = "How many 401 and 403 an address may be answered in a period of seconds before it is blocked for as long; null for no limit. It takes Cloudflare's Business plan or above."
  type = object({
    requests = number
    period   = number
  })
  default = null
}

variable "rollout" {
  description = "While a version of the edge is new: the id of the one before it, and the percentage of requests that the new one answers. The workflow sets it."
  type = object({
    previous   = string
    percentage = number
  })
  default = null
}

variable "commit" {
  description = "The commit that is applied, for whoever asks later. The workflow sets it."
  type        = string
  default     = null

  validation {
    condition     = var.commit == null || can(regex("^[0-9a-f]{40}$", var.commit))
    error_message = "commit must be null or the 40 hexadecimal digits of a commit."
  }
}

variable "dist" {
  description = "The folder that infra/build filled."
  type        = string
  default     = "../../dist"
  nullable    = false

  validation {
    condition     = fileexists("${var.dist}/bootstrap.zip") && fileexists("${var.dist}/worker/index.js")
    error_message = "There is nothing to deploy in dist; infra/build makes it."
  }
}
