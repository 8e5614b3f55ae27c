# What is this company's alone. Values stand in a terraform.tfvars of its own; there is no secret among them.

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

variable "secrets" {
  description = "Names in the Secrets Store, never values. A rotation makes new secrets and names them here."
  type = object({
    keys                 = string
    s3_access_key_id     = string
    s3_secret_access_key = string
  })
  default = {
    keys                 = "nada-production-keys-1"
    s3_access_key_id     = "nada-production-s3-access-key-id-1"
    s3_secret_access_key = "nada-production-s3-secret-access-key-1"
  }
  nullable = false

  validation {
    condition     = alltrue([for name in values(var.secrets) : startswith(name, "nada-production-")])
    error_message = "secrets holds names that begin with nada-production-: not values, and not those of another environment."
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
  description = "The GitHub repository whose environment production-releases may publish: OWNER@ID/NAME@ID or OWNER/NAME, as the repository's tokens name it."
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

variable "origins" {
  description = "The regions that releases lie in, the primary first, and the countries and Cloudflare colos near each. Another country or region is one entry here."
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

variable "dist" {
  description = "The folder that infra/build filled."
  type        = string
  default     = "../../../dist"
  nullable    = false

  validation {
    condition     = fileexists("${var.dist}/bootstrap.zip") && fileexists("${var.dist}/worker/index.js")
    error_message = "There is nothing to deploy in dist; infra/build makes it."
  }
}
