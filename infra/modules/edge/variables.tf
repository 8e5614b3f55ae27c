variable "account_id" {
  description = "The Cloudflare account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.account_id))
    error_message = "account_id must be the 32 hexadecimal digits of a Cloudflare account."
  }
}

variable "zone_id" {
  description = "The Cloudflare zone that hostname lies in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.zone_id))
    error_message = "zone_id must be the 32 hexadecimal digits of a Cloudflare zone."
  }
}

variable "zone" {
  description = "The zone's name, such as example.com; needed where an origin is the host name of a bucket of R2."
  type        = string
  default     = null

  validation {
    condition     = var.zone == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.zone))
    error_message = "zone must be null or the zone's name in lower case."
  }
}

variable "hostname" {
  description = "Where players find the edge, such as cdn.example.com."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.hostname))
    error_message = "hostname must be a host name in lower case, without scheme or path."
  }
}

variable "name" {
  description = "The worker's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "bundle" {
  description = "The folder with index.js and index_bg.wasm, which infra/build makes."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists("${var.bundle}/index.js") && fileexists("${var.bundle}/index_bg.wasm")
    error_message = "There is no index.js or no index_bg.wasm in bundle; infra/build makes dist/worker."
  }
}

variable "origins" {
  description = <<-TEXT
    What to read from, the primary first: bucket, region and the places (countries, colos) near it. `endpoint` is S3's own
    in that region unless another S3-compatible store is named; `path_style` puts the bucket into the path, for a store that
    has no host name for each bucket. An `endpoint` alone is the host name, in the zone, of a bucket of R2: it is read without
    a signature, and a rule closes it to all but the zone's workers.
  TEXT
  type = list(object({
    bucket     = optional(string)
    region     = optional(string)
    near       = optional(list(string), [])
    endpoint   = optional(string)
    path_style = optional(bool, false)
  }))
  nullable = false

  validation {
    condition     = length(var.origins) > 0
    error_message = "origins must name the primary at least."
  }

  # what the worker refuses would be found out by listeners; requests are signed, but the music travels as it is
  validation {
    condition     = alltrue([for origin in var.origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", coalesce(origin.endpoint, "https://s3")))])
    error_message = "Every endpoint of origins must be https://HOST, with a port if need be and nothing after it."
  }

  validation {
    condition     = alltrue([for origin in var.origins : origin.bucket == null ? origin.region == null && origin.endpoint != null : can(regex("^[a-z0-9][a-z0-9.-]{2,62}$", origin.bucket)) && !strcontains(origin.bucket, "..")])
    error_message = "Each of origins needs bucket and region, or endpoint alone. Every bucket of origins must be 3 to 63 lower-case letters, digits, dots and hyphens."
  }

  validation {
    # R2 has one region, which it calls auto
    condition     = alltrue([for origin in var.origins : origin.bucket == null || can(regex("^[a-z0-9-]{1,32}$", origin.region))])
    error_message = "Every region of origins must be 1 to 32 lower-case letters, digits and hyphens: what requests are signed for."
  }

  validation {
    # without the rule, everybody could read every release
    condition     = alltrue([for origin in var.origins : origin.bucket != null || (var.zone_rules && var.zone != null && try(endswith(origin.endpoint, ".${var.zone}") && origin.endpoint != "https://${var.hostname}", false))])
    error_message = "The host name of a bucket must lie in zone and be another than hostname, and zone_rules must be true: it is read without a signature, and nothing but a rule of the zone closes it."
  }
}

variable "secrets_store_id" {
  description = "The account's Secrets Store."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.secrets_store_id))
    error_message = "secrets_store_id must be the 32 hexadecimal digits of a Secrets Store."
  }
}

variable "secrets" {
  description = <<-TEXT
    Names, in the Secrets Store, of the JWK Set that tokens are verified with, and of the two halves of the read-only S3
    key, if requests are signed. Never their values. Rotating is naming other secrets here: both halves of a key change in one
    version.
  TEXT
  type = object({
    keys                 = string
    s3_access_key_id     = optional(string)
    s3_secret_access_key = optional(string)
  })
  nullable = false

  validation {
    # no slash, no plus, no brace: neither a secret access key nor a JWK Set can be mistaken for a name; AKIA begins an
    # access key's id
    condition     = alltrue([for name in values(var.secrets) : name == null || can(regex("^[a-z][a-z0-9_-]{2,63}$", name))])
    error_message = "secrets holds names of secrets in lower case, letters, digits, - and _; never their values."
  }

  validation {
    condition     = length(distinct(compact(values(var.secrets)))) == (anytrue([for origin in var.origins : origin.bucket != null]) ? 3 : 1)
    error_message = "secrets must name three secrets, or keys alone where no origin has a bucket that is asked with a signature."
  }
}

variable "licenses" {
  description = <<-TEXT
    Licences of protected tracks, by a second worker; null for none. `bundle` is the folder with its index.js and index_bg.wasm,
    `seed` and `servers` the names, in the Secrets Store, of the seed that ClearKey licences are made of and of the licence servers
    of vendors. Never their values.
  TEXT
  type = object({
    bundle  = string
    seed    = optional(string)
    servers = optional(string)
  })
  default = null

  validation {
    condition     = var.licenses == null || try(fileexists("${var.licenses.bundle}/index.js") && fileexists("${var.licenses.bundle}/index_bg.wasm") && fileexists("${var.bundle}/licensed.js"), false)
    error_message = "There is no index.js or no index_bg.wasm in the bundle of licenses, or no licensed.js in bundle; infra/build makes dist/worker and dist/license-worker."
  }

  validation {
    # a seed is 64 hexadecimal digits, which no name here has
    condition     = var.licenses == null || try(length(compact([var.licenses.seed, var.licenses.servers])) > 0 && alltrue([for name in compact([var.licenses.seed, var.licenses.servers]) : can(regex("^[a-z][a-z0-9_-]{2,63}$", name)) && !can(regex("^[0-9a-f]{64}$", name))]), false)
    error_message = "licenses must name seed, servers or both: names of secrets in lower case, letters, digits, - and _; never their values."
  }
}

variable "issuer" {
  description = "The `iss` that every token must have; null where tokens need none, as those of `nada sign`."
  type        = string
  default     = null

  validation {
    condition     = var.issuer == null || try(length(trimspace(var.issuer)) > 0, false)
    error_message = "issuer must be null or not empty: no token could have it."
  }
}

variable "audience" {
  description = "The `aud` that every token must name; null where tokens need none, as those of `nada sign`."
  type        = string
  default     = null

  validation {
    condition     = var.audience == null || try(length(trimspace(var.audience)) > 0, false)
    error_message = "audience must be null or not empty: no token could name it."
  }
}

variable "sampling" {
  description = "Of requests that go well or are refused, one in so many is told of, in the log and as a data point that has that weight. Faults are always told: 5xx, an origin that was not the first choice, a player that ran empty."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.sampling >= 1 && var.sampling <= 1000 && floor(var.sampling) == var.sampling
    error_message = "sampling must be a whole number from 1, every request, to 1000."
  }
}

variable "log_sampling" {
  description = "Which share of invocations have their log lines kept at all, 0 to 1. Decided before anything is known of the request, a share below 1 loses faults: `sampling` does not. Lines hold neither token nor query."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.log_sampling >= 0 && var.log_sampling <= 1
    error_message = "log_sampling must lie between 0 and 1."
  }
}

variable "cpu_ms" {
  description = "Processor time that one request may take, in milliseconds."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.cpu_ms >= 10 && var.cpu_ms <= 1000
    error_message = "cpu_ms must lie between 10 and 1000: a request takes a few."
  }
}

variable "zone_rules" {
  description = "Whether the zone's custom rules and rate limiting rules are this module's. A zone has one set of each: false where others are kept there, with these among them."
  type        = bool
  default     = true
  nullable    = false
}

variable "refusals_limit" {
  description = "How many 401 and 403 an address may be answered in a period of seconds, in a colo, before it is blocked for as long; null for no limit. Counting by answers takes Cloudflare's Business plan or above."
  type = object({
    requests = number
    period   = number
  })
  default = null

  validation {
    condition     = var.refusals_limit == null || try(var.refusals_limit.requests >= 10 && contains([10, 60, 120, 300, 600, 3600], var.refusals_limit.period), false)
    error_message = "refusals_limit must be null, or at least 10 requests in 10, 60, 120, 300, 600 or 3600 seconds."
  }
}

variable "rollout" {
  description = "While a version is new: the id of the one before it, and the percentage of requests that the new one answers, 0 to go back. Null for all of them."
  type = object({
    previous   = string
    percentage = number
  })
  default = null

  validation {
    condition     = var.rollout == null || try(can(regex("^[0-9a-f-]{32,36}$", var.rollout.previous)) && var.rollout.percentage >= 0 && var.rollout.percentage < 100, false)
    error_message = "rollout must be null, or the id of a version and a percentage from 0 to below 100."
  }
}

variable "monthly_requests_alert" {
  description = "Requests in a billing period above which Cloudflare writes to alert_emails."
  type        = number
  nullable    = false

  validation {
    condition     = var.monthly_requests_alert > 0 && floor(var.monthly_requests_alert) == var.monthly_requests_alert
    error_message = "monthly_requests_alert must be a whole number above 0."
  }
}

variable "alert_emails" {
  description = "Who hears of incidents, attacks, certificates and usage."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails must hold at least one address, and only addresses: an alert that nobody hears is none."
  }
}

variable "webhook_ids" {
  description = "Webhooks of the account that hear of the same, by their ids."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.webhook_ids : can(regex("^[0-9a-f]{32}$", id))])
    error_message = "webhook_ids must hold ids of 32 hexadecimal digits."
  }
}
