# What is recorded, and that nobody takes a record away.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { region = "ap-south-1" }
  }
}

variables {
  name    = "nada-test"
  buckets = ["nada-test-releases-ap-south-1", "nada-test-masters"]
}

run "changes_are_recorded_everywhere" {
  command = plan

  assert {
    condition     = aws_cloudtrail.audit.is_multi_region_trail && aws_cloudtrail.audit.include_global_service_events && aws_cloudtrail.audit.enable_log_file_validation
    error_message = "a region, or IAM, has no records, or they cannot be proven"
  }
  assert {
    condition = jsonencode([for one in aws_cloudtrail.audit.advanced_event_selector : { for field in one.field_selector : field.field => concat(field.equals == null ? [] : field.equals, field.starts_with == null ? [] : field.starts_with) }]) == jsonencode([
      { eventCategory = ["Management"], readOnly = ["false"] },
      {
        eventCategory    = ["Data"]
        readOnly         = ["false"]
        "resources.type" = ["AWS::S3::Object"]
        "resources.ARN"  = ["arn:aws:s3:::nada-test-masters/", "arn:aws:s3:::nada-test-releases-ap-south-1/"]
      },
    ])
    error_message = "changes are not recorded, or every read is paid for"
  }
}

run "records_stay" {
  command = plan

  assert {
    condition = { for one in jsondecode(aws_s3_bucket_policy.audit.policy).Statement : one.Sid => "${one.Effect} ${join(" ", flatten([one.Action]))}" } == {
      TlsOnly     = "Deny s3:*"
      KeepRecords = "Deny s3:DeleteObject s3:DeleteObjectVersion"
      Look        = "Allow s3:GetBucketAcl"
      Record      = "Allow s3:PutObject"
    }
    error_message = "somebody may take records away, or others than CloudTrail write them"
  }
  assert {
    condition     = alltrue([for one in jsondecode(aws_s3_bucket_policy.audit.policy).Statement : one.Condition.StringEquals["aws:SourceArn"] == "arn:aws:cloudtrail:ap-south-1:123456789012:trail/nada-test" if one.Effect == "Allow"])
    error_message = "another trail may write here"
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.audit.rule[0].expiration[0].days == 400 && aws_s3_bucket_versioning.audit.versioning_configuration[0].status == "Enabled"
    error_message = "records are kept too short, or can be overwritten"
  }
}

run "refuses_to_record_its_own_records" {
  command = plan
  variables {
    buckets = ["nada-test-audit"]
  }
  expect_failures = [var.buckets]
}

run "refuses_less_than_a_quarter_of_a_year" {
  command = plan
  variables {
    days = 7
  }
  expect_failures = [var.days]
}
