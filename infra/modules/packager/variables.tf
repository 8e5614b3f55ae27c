variable "name" {
  description = "What the function, its queues, its role and its alarms are called, or begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 36 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "masters" {
  description = "The bucket with the inbox, in the provider's region: its name and ARN."
  type = object({
    bucket = string
    arn    = string
  })
  nullable = false

  validation {
    condition     = var.masters.arn == "arn:aws:s3:::${var.masters.bucket}"
    error_message = "masters.arn must be the ARN of the bucket masters.bucket."
  }
}

variable "releases" {
  description = "The bucket to publish to: its name, ARN and region, which after a fail-over is not that of the masters and the function. Of a store that is not S3, such as Cloudflare R2: name, region and endpoint; its key is the secret NAME-releases-key of AWS Secrets Manager, which is made by hand."
  type = object({
    bucket   = string
    region   = string
    arn      = optional(string)
    endpoint = optional(string)
  })
  nullable = false

  validation {
    condition     = var.releases.endpoint != null ? var.releases.arn == null : try(var.releases.arn == "arn:aws:s3:::${var.releases.bucket}", false)
    error_message = "releases.arn must be the ARN of the bucket releases.bucket, and null where there is an endpoint."
  }

  validation {
    condition     = var.releases.endpoint == null || can(regex("^https://[a-z0-9.-]+$", var.releases.endpoint))
    error_message = "releases.endpoint must be null or https://HOST."
  }
}

variable "protection" {
  description = "Whether releases may ask for content protection: keys are then derived from the secret NAME-seed of AWS Secrets Manager, 64 hexadecimal digits, which is made by hand."
  type        = bool
  default     = false
  nullable    = false
}

variable "bootstrap" {
  description = "Path of the zip with the arm64 program `bootstrap`, which infra/build makes."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.bootstrap)
    error_message = "There is no file at bootstrap; infra/build makes dist/bootstrap.zip."
  }
}

variable "timeout_seconds" {
  description = "How long one invocation may take. The queue's visibility time-out is six times as long."
  type        = number
  default     = 900
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 60 to 900, which is Lambda's limit."
  }
}

variable "memory_mb" {
  description = "Memory of one invocation, which its share of processors follows: 1,769 MB are one, 3,538 MB two. A new AWS account allows 3,008 MB; more is a case with AWS Support, since no quota can be requested for it."
  type        = number
  default     = 3008
  nullable    = false

  validation {
    condition     = var.memory_mb >= 512 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 512 to 10240."
  }
}

variable "disk_mb" {
  description = "What /tmp holds: all masters of one release."
  type        = number
  default     = 10240
  nullable    = false

  validation {
    condition     = var.disk_mb >= 512 && var.disk_mb <= 10240 && floor(var.disk_mb) == var.disk_mb
    error_message = "disk_mb must be a whole number from 512 to 10240."
  }
}

variable "batch_size" {
  description = "Messages, each naming one release, that one invocation takes. With more than one, a long release eats the time of those behind it, and their deliveries."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10 && floor(var.batch_size) == var.batch_size
    error_message = "batch_size must be a whole number from 1 to 10."
  }
}

variable "maximum_concurrency" {
  description = "Invocations at a time. The rest waits in the queue."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000 && floor(var.maximum_concurrency) == var.maximum_concurrency
    error_message = "maximum_concurrency must be a whole number from 2, the least that AWS takes, to 1000."
  }
}

variable "deliveries" {
  description = "How often a message is delivered before it goes to the dead-letter queue. Eight give storage 32 to 64 minutes to recover."
  type        = number
  default     = 8
  nullable    = false

  validation {
    condition     = var.deliveries >= 3 && var.deliveries <= 20 && floor(var.deliveries) == var.deliveries
    error_message = "deliveries must be a whole number from 3, since one delivery may be lost to a deadline and one to S3, to 20."
  }
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_days)
    error_message = "log_days must be one of the periods that CloudWatch offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731."
  }
}

variable "oldest_message_minutes" {
  description = "How long a release may wait for its turn before the alarm is raised."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.oldest_message_minutes >= 5 && var.oldest_message_minutes <= 1440
    error_message = "oldest_message_minutes must lie between 5 and 1440."
  }
}

variable "alarm_topic_arn" {
  description = "The SNS topic of the provider's region that alarms go to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of an SNS topic."
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
