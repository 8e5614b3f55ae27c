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

  # The bucket's name is the account's: terraform init -backend-config=bucket=NAME. Singapore, since it is no origin: what
  # fails over from a region must not need that region for its state or its lock.
  backend "s3" {
    key          = "nada/production/terraform.tfstate"
    region       = "ap-southeast-1"
    encrypt      = true
    use_lockfile = true
  }
}

# The Lambda, the masters and the alarms lie here. Credentials come by AWS's own chain.
provider "aws" {
  region              = "ap-south-1"
  sts_region          = "ap-southeast-1" # as the state: who one is must not be Mumbai's to say
  allowed_account_ids = [var.aws_account_id]

  default_tags {
    tags = { project = "nada", environment = "production" }
  }
}

# The token comes from CLOUDFLARE_API_TOKEN.
provider "cloudflare" {}
