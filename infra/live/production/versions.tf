terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.66"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.14"
    }
  }

  # the bucket's name is the account's: terraform init -backend-config=bucket=NAME
  backend "s3" {
    key          = "nada/production/terraform.tfstate"
    region       = "ap-south-1"
    encrypt      = true
    use_lockfile = true
  }
}

# The Lambda, the masters and the alarms lie here. Credentials come by AWS's own chain.
provider "aws" {
  region              = "ap-south-1"
  allowed_account_ids = [var.aws_account_id]

  default_tags {
    tags = { project = "nada", environment = "production" }
  }
}

# The token comes from CLOUDFLARE_API_TOKEN.
provider "cloudflare" {}
