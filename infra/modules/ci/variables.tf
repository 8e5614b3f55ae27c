variable "name" {
  description = "What the role's name begins with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 36 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "subject" {
  description = "The one `sub` of GitHub's OIDC tokens that may publish: repo:REPOSITORY:environment:NAME, or repo:REPOSITORY:ref:refs/heads/BRANCH. REPOSITORY is OWNER@ID/NAME@ID or OWNER/NAME, as the repository's tokens name it. An environment can ask for a person's approval."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^repo:([A-Za-z0-9-]+@[1-9][0-9]*/[A-Za-z0-9._-]+@[1-9][0-9]*|[A-Za-z0-9-]+/[A-Za-z0-9._-]+):(environment:[A-Za-z0-9._-]+|ref:refs/(heads|tags)/[A-Za-z0-9._/-]+)$", var.subject))
    error_message = "subject must be one repository's environment, branch or tag in full, without * or ?, and with both ids or none: whatever it matches may publish. Pull requests may not."
  }
}

variable "releases" {
  description = "The bucket to publish to: its name, ARN and region. Null where releases lie elsewhere than in S3: then the role tells metrics alone."
  type = object({
    bucket = string
    arn    = string
    region = string
  })
  default = null

  validation {
    condition     = var.releases == null || try(var.releases.arn == "arn:aws:s3:::${var.releases.bucket}", false)
    error_message = "releases.arn must be the ARN of the bucket releases.bucket."
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
