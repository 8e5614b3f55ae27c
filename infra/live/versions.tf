terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "5.22.0"
    }
  }

  # environments/*.s3.tfbackend has the rest: infra/terraform names the right one
  backend "s3" {}
}

# The Lambda, the masters and the alarms lie here. Credentials come by AWS's own chain.
provider "aws" {
  region              = var.region
  sts_region          = var.sts_region
  allowed_account_ids = [var.aws_account_id]

  default_tags {
    tags = merge({ project = "nada", environment = var.environment }, var.tags)
  }
}

# The token comes from CLOUDFLARE_API_TOKEN.
provider "cloudflare" {}
