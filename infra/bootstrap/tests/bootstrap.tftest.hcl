# The state's bucket, and whom the two roles trust.

mock_provider "aws" {
  mock_resource "aws_iam_policy" {
    defaults        = { arn = "arn:aws:iam::123456789012:policy/nada-production-acme-boundary" }
    override_during = plan
  }
}

variables {
  environment    = "production"
  company        = "acme"
  aws_account_id = "123456789012"
  repository     = "acme/nada"
}

run "the_state_is_kept" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "acme-production-terraform" && aws_s3_bucket.state.region == "ap-southeast-1"
    error_message = "the state lies elsewhere than environments/production.s3.tfbackend says"
  }
  assert {
    condition = alltrue([for one in [aws_s3_bucket_versioning.state, aws_s3_bucket_public_access_block.state, aws_s3_bucket_policy.state, aws_s3_bucket_server_side_encryption_configuration.state] :
      [one.bucket, one.region] == ["acme-production-terraform", "ap-southeast-1"]
    ])
    error_message = "a setting of the state's bucket is missing, or looked for in another region"
  }
  assert {
    condition     = [for one in jsondecode(aws_s3_bucket_policy.state.policy).Statement : one.Sid] == ["TlsOnly", "KeepOldStates"]
    error_message = "the state travels in the clear, or an old one can be deleted"
  }
}

run "each_role_trusts_one_environment" {
  command = plan

  assert {
    condition = { for role, one in aws_iam_role.deployer : role => one.assume_role_policy } == {
      for role, environment in { plan = "production-plan", apply = "production" } : role => jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
          Action    = "sts:AssumeRoleWithWebIdentity"
          Condition = {
            StringEquals = {
              "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
              "token.actions.githubusercontent.com:sub" = "repo:acme/nada:environment:${environment}"
            }
          }
        }]
      })
    }
    error_message = "another workflow plans or applies"
  }
  assert {
    condition     = aws_iam_user.edge.name == "nada-production-acme-edge" && aws_iam_user.edge.permissions_boundary == output.permissions_boundary
    error_message = "the edge is another user than infra/live gives rights to, or has no bound"
  }
}

run "refuses_what_is_no_repository" {
  command = plan
  variables {
    repository = "acme/*"
  }
  expect_failures = [var.repository]
}
