# Who may publish from GitHub, and what that is.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name     = "nada-test"
  subject  = "repo:acme/nada:environment:production-releases"
  releases = { bucket = "nada-test-releases-ap-south-1", arn = "arn:aws:s3:::nada-test-releases-ap-south-1", region = "ap-south-1" }
}

run "one_subject" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.publisher.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:acme/nada:environment:production-releases"
        }
      }
    }]
    error_message = "someone other than this subject can become the publisher"
  }
  assert {
    condition     = aws_iam_role.publisher.max_session_duration == 3600
    error_message = "a session outlives its job"
  }
}

run "publishes_and_nothing_else" {
  command = plan

  assert {
    condition = { for one in jsondecode(aws_iam_role_policy.publisher.policy).Statement : one.Sid => [one.Effect, flatten([one.Action]), flatten([one.Resource])] } == {
      ListReleases  = ["Allow", ["s3:ListBucket"], ["arn:aws:s3:::nada-test-releases-ap-south-1"]]
      ReadReleases  = ["Allow", ["s3:GetObject"], [for key in ["tracks/*", "releases/*.json", "changes.json", "revocations.json"] : "arn:aws:s3:::nada-test-releases-ap-south-1/${key}"]]
      WriteReleases = ["Allow", ["s3:PutObject"], [for key in ["tracks/*", "releases/*.json", "changes.json"] : "arn:aws:s3:::nada-test-releases-ap-south-1/${key}"]]
      TellTakedown  = ["Allow", ["cloudwatch:PutMetricData"], ["*"]]
    }
    error_message = "the role may do more than publish, or less"
  }
}

run "takes_a_branch" {
  command = plan
  variables {
    subject = "repo:acme/nada:ref:refs/heads/main"
  }
  assert {
    condition     = jsondecode(aws_iam_role.publisher.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:acme/nada:ref:refs/heads/main"
    error_message = "the subject is not the one that was given"
  }
}

run "takes_ids_that_stay" {
  command = plan
  variables {
    subject = "repo:acme@123456/nada@456789:environment:production-releases"
  }
  assert {
    condition     = jsondecode(aws_iam_role.publisher.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:acme@123456/nada@456789:environment:production-releases"
    error_message = "the subject is not the one that was given"
  }
}

run "refuses_half_of_the_ids" {
  command = plan
  variables {
    subject = "repo:acme@123456/nada:environment:production-releases"
  }
  expect_failures = [var.subject]
}

run "refuses_any_id" {
  command = plan
  variables {
    subject = "repo:acme@123456/nada@*:environment:production-releases"
  }
  expect_failures = [var.subject]
}

run "refuses_ids_that_are_no_numbers" {
  command = plan
  variables {
    subject = "repo:acme@acme/nada@nada:environment:production-releases"
  }
  expect_failures = [var.subject]
}

run "refuses_any_branch" {
  command = plan
  variables {
    subject = "repo:acme/nada:ref:refs/heads/*"
  }
  expect_failures = [var.subject]
}

run "refuses_any_repository" {
  command = plan
  variables {
    subject = "repo:acme/*:environment:production-releases"
  }
  expect_failures = [var.subject]
}

run "refuses_pull_requests" {
  command = plan
  variables {
    subject = "repo:acme/nada:pull_request"
  }
  expect_failures = [var.subject]
}

run "refuses_another_buckets_arn" {
  command = plan
  variables {
    releases = { bucket = "nada-test-releases-ap-south-1", arn = "*", region = "ap-south-1" }
  }
  expect_failures = [var.releases]
}
