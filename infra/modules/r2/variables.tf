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
  description = "The zone of the edge, in the same account: reads go through its cache, and its rules close the host name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.zone_id))
    error_message = "zone_id must be the 32 hexadecimal digits of a Cloudflare zone."
  }
}

variable "name" {
  description = "The bucket's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "hostname" {
  description = "The bucket's host name within the zone, which the worker reads from and nobody else: another than the edge's."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.hostname))
    error_message = "hostname must be a host name in lower case, without scheme or path."
  }
}

variable "closed_by" {
  description = "The id of the rule set that closes the host name: module edge's output `firewall`. The host name is made after it."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Where the bucket should lie, a hint that R2 follows as it can: apac, eeur, enam, oc, weur or wnam. It counts when a bucket of that name is made for the first time."
  type        = string
  default     = "apac"
  nullable    = false

  validation {
    condition     = contains(["apac", "eeur", "enam", "oc", "weur", "wnam"], var.location)
    error_message = "location must be apac, eeur, enam, oc, weur or wnam."
  }
}

variable "jurisdiction" {
  description = "Where the bucket must lie, which R2 guarantees: eu or fedramp; null for none. There is none in Asia. It takes the place of the hint, and cannot be changed."
  type        = string
  default     = null

  validation {
    condition     = var.jurisdiction == null || try(contains(["eu", "fedramp"], var.jurisdiction), false)
    error_message = "jurisdiction must be null, eu or fedramp."
  }
}
