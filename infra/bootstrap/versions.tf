terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
  }

  # beside the environment's own state, in the bucket that is made here: README.md says how the first apply does without
  backend "s3" {}
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.aws_account_id]

  default_tags {
    tags = { project = "nada", environment = var.environment, part = "bootstrap" }
  }
}
