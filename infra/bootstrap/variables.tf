# Of the same values as infra/live, environments/*.tfvars: Terraform warns of those that are not used here.

variable "environment" {
  description = "What this environment is called."
  type        = string
  nullable    = false
}

variable "company" {
  description = "A short name of the company, which makes bucket names unique over all of AWS."
  type        = string
  nullable    = false
}

variable "aws_account_id" {
  description = "The AWS account of this environment."
  type        = string
  nullable    = false
}

variable "repository" {
  description = "The GitHub repository that deploys: OWNER@ID/NAME@ID or OWNER/NAME, as its tokens name it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([A-Za-z0-9-]+@[1-9][0-9]*/[A-Za-z0-9._-]+@[1-9][0-9]*|[A-Za-z0-9-]+/[A-Za-z0-9._-]+)$", var.repository))
    error_message = "repository must be OWNER@ID/NAME@ID or OWNER/NAME."
  }
}

variable "region" {
  description = "Where the Lambda, the masters and the alarms of the environment lie."
  type        = string
  default     = "ap-south-1"
  nullable    = false
}

variable "sts_region" {
  description = "Where the state lies: in no region of origins, since failing over from that region must not need it."
  type        = string
  default     = "ap-southeast-1"
  nullable    = false
}
