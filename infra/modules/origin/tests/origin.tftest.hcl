# The buckets: where they are, what is set on each of them, and what their policies refuse.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { region = "ap-south-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/replication" }
  }
}

variables {
  name      = "nada-test"
  edge_user = "nada-test-edge"
  alarm_topic_arns = {
    ap-south-1     = "arn:aws:sns:ap-south-1:123456789012:nada-test-alarms"
    ap-southeast-3 = "arn:aws:sns:ap-southeast-3:123456789012:nada-test-alarms"
    eu-central-2   = "arn:aws:sns:eu-central-2:123456789012:nada-test-alarms"
  }
  origins = [
    { region = "ap-south-1", near = ["IN", "BOM"] },
    { region = "ap-southeast-3", near = ["ID", "CGK"] },
  ]
}

run "buckets_lie_where_they_should" {
  command = plan

  assert {
    condition     = aws_s3_bucket.masters.bucket == "nada-test-masters"
    error_message = "the masters bucket has another name"
  }
  assert {
    condition = { for region, bucket in aws_s3_bucket.releases : region => [bucket.bucket, bucket.region] } == {
      ap-south-1     = ["nada-test-releases-ap-south-1", "ap-south-1"]
      ap-southeast-3 = ["nada-test-releases-ap-southeast-3", "ap-southeast-3"]
    }
    error_message = "each origin needs a bucket of its name in its region"
  }
  assert {
    condition     = alltrue([for bucket in concat([aws_s3_bucket.masters], values(aws_s3_bucket.releases)) : bucket.force_destroy != true])
    error_message = "a bucket with music in it must not go with a terraform destroy"
  }
}

run "every_bucket_is_kept_alike" {
  command = plan

  assert {
    condition = alltrue([for settings in [
      aws_s3_bucket_versioning.all, aws_s3_bucket_server_side_encryption_configuration.all, aws_s3_bucket_public_access_block.all,
      aws_s3_bucket_ownership_controls.all, aws_s3_bucket_lifecycle_configuration.all, aws_s3_bucket_policy.all,
      ] : { for key, one in settings : key => [one.bucket, one.region] } == {
      masters        = ["nada-test-masters", "ap-south-1"]
      ap-south-1     = ["nada-test-releases-ap-south-1", "ap-south-1"]
      ap-southeast-3 = ["nada-test-releases-ap-southeast-3", "ap-southeast-3"]
    }])
    error_message = "a setting is missing on a bucket, or looked for in another region"
  }
  assert {
    condition     = alltrue([for one in aws_s3_bucket_versioning.all : one.versioning_configuration[0].status == "Enabled"])
    error_message = "without versions nothing is replicated or restored"
  }
  assert {
    condition = alltrue([for one in aws_s3_bucket_server_side_encryption_configuration.all : alltrue([
      for rule in one.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm == "AES256" && rule.blocked_encryption_types == tolist(["SSE-C"])
    ])])
    error_message = "objects are encrypted by S3's own keys, and no other the edge could not read"
  }
  assert {
    condition = alltrue([for one in aws_s3_bucket_public_access_block.all :
      one.block_public_acls && one.block_public_policy && one.ignore_public_acls && one.restrict_public_buckets
    ])
    error_message = "no bucket may become public, in any of the four ways"
  }
  assert {
    condition     = alltrue([for one in aws_s3_bucket_ownership_controls.all : one.rule[0].object_ownership == "BucketOwnerEnforced"])
    error_message = "objects belong to the bucket's owner, and ACLs are off"
  }
  assert {
    condition = alltrue([for one in aws_s3_bucket_lifecycle_configuration.all : anytrue([for rule in one.rule :
      rule.status == "Enabled" && length(rule.noncurrent_version_expiration) == 1 && try(rule.noncurrent_version_expiration[0].noncurrent_days == 30, false)
    ])])
    error_message = "old versions end after old_versions_days"
  }
  assert {
    condition = alltrue([for one in aws_s3_bucket_lifecycle_configuration.all : anytrue([for rule in one.rule :
      rule.status == "Enabled" && try(rule.abort_incomplete_multipart_upload[0].days_after_initiation == 1, false)
    ])])
    error_message = "aborted uploads end after a day"
  }
  assert {
    condition = alltrue(flatten([for one in aws_s3_bucket_lifecycle_configuration.all : [
      for rule in one.rule : [for ends in rule.expiration : ends.expired_object_delete_marker == true && ends.date == null]
    ]]))
    error_message = "what is current never ends: S3 takes a marker or days, not both"
  }
}

run "masters_are_locked_and_archived" {
  command = plan

  assert {
    condition = { for key, one in aws_s3_bucket_object_lock_configuration.masters : key => [one.bucket, one.rule[0].default_retention[0].mode, one.rule[0].default_retention[0].days] } == {
      masters = ["nada-test-masters", "GOVERNANCE", 30]
    }
    error_message = "a master can be deleted by whoever may write policies"
  }
  assert {
    condition = { for key, one in aws_s3_bucket_lifecycle_configuration.all : key => flatten([for rule in one.rule : [for move in rule.transition : [move.days, move.storage_class]]]) } == {
      masters        = [30, "GLACIER_IR"]
      ap-south-1     = []
      ap-southeast-3 = []
    }
    error_message = "masters are archived, and releases, which are read, are not"
  }
  assert {
    condition     = length(aws_s3_bucket_replication_configuration.masters) == 0 && length(aws_s3_bucket.masters_replica) == 0
    error_message = "masters are copied where nobody asked for it"
  }
}

run "masters_in_another_region" {
  command = plan
  variables {
    masters_replica_region = "ap-southeast-1"
    masters_archive_days   = null
  }

  assert {
    condition = alltrue([for settings in [
      aws_s3_bucket_versioning.all, aws_s3_bucket_server_side_encryption_configuration.all, aws_s3_bucket_public_access_block.all,
      aws_s3_bucket_ownership_controls.all, aws_s3_bucket_lifecycle_configuration.all, aws_s3_bucket_policy.all,
      aws_s3_bucket_object_lock_configuration.masters,
    ] : [settings["masters-replica"].bucket, settings["masters-replica"].region] == ["nada-test-masters-ap-southeast-1", "ap-southeast-1"]])
    error_message = "the copy is not kept as the masters are"
  }
  assert {
    condition = [for one in values(aws_s3_bucket_replication_configuration.masters) : [one.bucket, one.rule[0].destination[0].bucket, one.rule[0].destination[0].storage_class, one.rule[0].delete_marker_replication[0].status]] == [
      ["nada-test-masters", "arn:aws:s3:::nada-test-masters-ap-southeast-1", "GLACIER_IR", "Disabled"]
    ]
    error_message = "masters are not copied, or what is deleted here is deleted there"
  }
  assert {
    condition = one([for one in jsondecode(aws_s3_bucket_policy.all["masters-replica"].policy).Statement : one if one.Sid == "ReplicationOnly"]) == {
      Sid       = "ReplicationOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:PutObject", "s3:DeleteObject"]
      Resource  = "arn:aws:s3:::nada-test-masters-ap-southeast-1/*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/nada-test-masters-replication" } }
    }
    error_message = "someone other than the replication can write to the copy"
  }
  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.masters_replication : [
      for statement in jsondecode(policy.policy).Statement : [for resource in flatten([statement.Resource]) : startswith(resource, "arn:aws:s3:::nada-test-masters")]
    ]]))
    error_message = "the replication of masters reads or writes something else"
  }
  assert {
    condition     = contains(jsondecode(aws_iam_role_policy.backfill[0].policy).Statement[1].Resource, "arn:aws:s3:::nada-test-masters/*")
    error_message = "masters of before cannot be copied"
  }
  assert {
    condition     = alltrue(flatten([for rule in aws_s3_bucket_lifecycle_configuration.all["masters"].rule : length(rule.transition) == 0]))
    error_message = "masters are archived where nobody asked for it"
  }
}

run "policies_refuse" {
  command = plan

  assert {
    condition = alltrue([for one in aws_s3_bucket_policy.all : contains(jsondecode(one.policy).Statement, {
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::${one.bucket}", "arn:aws:s3:::${one.bucket}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    })])
    error_message = "a bucket can be read or written without TLS"
  }
  assert {
    condition = alltrue([for one in aws_s3_bucket_policy.all : contains(jsondecode(one.policy).Statement, {
      Sid       = "KeepOldVersions"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:DeleteObjectVersion"
      Resource  = "arn:aws:s3:::${one.bucket}/*"
    })])
    error_message = "an old version can be deleted before its time"
  }
  assert {
    condition = contains(jsondecode(aws_s3_bucket_policy.all["ap-south-1"].policy).Statement, {
      Sid       = "CreateOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:PutObject"
      NotResource = [for key in ["tracks/*/manifest.json", "releases/*.json", "changes.json", "revocations.json"] :
        "arn:aws:s3:::nada-test-releases-ap-south-1/${key}"
      ]
      Condition = { Null = { "s3:if-none-match" = "true" }, Bool = { "s3:ObjectCreationOperation" = "true" } }
    })
    error_message = "a segment can be overwritten, or a multipart upload cannot be made, or what may change cannot"
  }
  assert {
    condition = contains(jsondecode(aws_s3_bucket_policy.all["ap-south-1"].policy).Statement, {
      Sid       = "CompareAndSwap"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:PutObject"
      Resource = [for key in ["tracks/*/manifest.json", "releases/*.json", "changes.json", "revocations.json"] :
        "arn:aws:s3:::nada-test-releases-ap-south-1/${key}"
      ]
      Condition = { Null = { "s3:if-none-match" = "true", "s3:if-match" = "true" }, Bool = { "s3:ObjectCreationOperation" = "true" } }
    })
    error_message = "a manifest can be replaced by someone who has not looked at it"
  }
  assert {
    condition = one([for one in jsondecode(aws_s3_bucket_policy.all["ap-southeast-3"].policy).Statement : one if one.Sid == "ReplicationOnly"]) == {
      Sid       = "ReplicationOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:PutObject", "s3:DeleteObject"]
      Resource  = "arn:aws:s3:::nada-test-releases-ap-southeast-3/*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/nada-test-replication" } }
    }
    error_message = "someone other than the replication can write to the replica"
  }
  assert {
    condition     = alltrue(flatten([for one in aws_s3_bucket_policy.all : [for statement in jsondecode(one.policy).Statement : statement.Effect == "Deny"]]))
    error_message = "a bucket policy here refuses and never allows"
  }
}

run "replicated_with_metrics" {
  command = plan

  assert {
    condition     = aws_s3_bucket_replication_configuration.releases[0].bucket == "nada-test-releases-ap-south-1" && aws_s3_bucket_replication_configuration.releases[0].region == "ap-south-1"
    error_message = "the primary is what is replicated"
  }
  assert {
    condition = [for rule in aws_s3_bucket_replication_configuration.releases[0].rule :
      [rule.id, rule.status, rule.destination[0].bucket, rule.destination[0].metrics[0].status, rule.delete_marker_replication[0].status, length(rule.filter)]
    ] == [["ap-southeast-3", "Enabled", "arn:aws:s3:::nada-test-releases-ap-southeast-3", "Enabled", "Enabled", 1]]
    error_message = "everything goes to the replica, deletions too, and is counted"
  }
  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.replication : key => [alarm.region, alarm.metric_name, alarm.dimensions.RuleId, one(alarm.alarm_actions)] } == {
      failed-ap-southeast-3  = ["ap-south-1", "OperationsFailedReplication", "ap-southeast-3", var.alarm_topic_arns.ap-south-1]
      late-ap-southeast-3    = ["ap-southeast-3", "ReplicationLatency", "ap-southeast-3", var.alarm_topic_arns.ap-southeast-3]
      pending-ap-southeast-3 = ["ap-southeast-3", "OperationsPendingReplication", "ap-southeast-3", var.alarm_topic_arns.ap-southeast-3]
    }
    error_message = "replication that fails or hangs is not told, or looked for in the other region"
  }
  assert {
    condition = jsondecode(aws_iam_role.replication[0].assume_role_policy).Statement[0].Condition == {
      StringEquals = { "aws:SourceAccount" = "123456789012" }
      ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::nada-test-releases-ap-south-1" }
    }
    error_message = "another account's bucket can borrow the replication role"
  }
}

run "what_was_there_before_a_replica" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.backfill[0].policy).Statement == [
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration"]
        Resource = ["arn:aws:s3:::nada-test-releases-ap-south-1"]
      },
      {
        Sid      = "Send"
        Effect   = "Allow"
        Action   = "s3:InitiateReplication"
        Resource = ["arn:aws:s3:::nada-test-releases-ap-south-1/*"]
      },
    ]
    error_message = "the job may send from the primary what replication would, and no more"
  }
  assert {
    condition = jsondecode(aws_iam_role.backfill[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Service = "batchoperations.s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
    error_message = "the role of the job is lent to someone else"
  }
  assert {
    condition     = output.backfill_role_arn == "arn:aws:iam::123456789012:role/nada-test-backfill"
    error_message = "the job is started with another role"
  }
}

run "the_edge_reads_and_no_more" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_user_policy.edge[0].policy).Statement == [{
      Sid    = "Read"
      Effect = "Allow"
      Action = "s3:GetObject"
      Resource = flatten([for region in ["ap-south-1", "ap-southeast-3"] : [
        for key in ["tracks/*", "changes.json", "revocations.json"] : "arn:aws:s3:::nada-test-releases-${region}/${key}"
      ]])
    }]
    error_message = "the edge may get what it serves, from the releases' buckets alone"
  }
}

run "the_edges_key_is_of_use_at_the_edge" {
  command = plan
  variables {
    edge_addresses = ["162.158.0.0/15", "103.21.244.0/22"]
  }

  assert {
    condition = jsondecode(aws_iam_user_policy.edge[0].policy).Statement[1] == {
      Sid       = "FromTheEdge"
      Effect    = "Deny"
      Action    = "*"
      Resource  = "*"
      Condition = { NotIpAddress = { "aws:SourceIp" = ["103.21.244.0/22", "162.158.0.0/15"] } }
    }
    error_message = "a key that leaked reads from anywhere"
  }
}

run "refuses_what_is_no_network" {
  command = plan
  variables {
    edge_addresses = ["cloudflare"]
    edge_user      = "arn:aws:iam::123456789012:user/edge"
  }
  expect_failures = [var.edge_addresses, var.edge_user]
}

run "no_identity_has_wildcards" {
  command = plan

  assert {
    condition = alltrue(flatten([for policy in [aws_iam_user_policy.edge[0].policy, aws_iam_role_policy.replication[0].policy, aws_iam_role_policy.backfill[0].policy] : [
      for statement in jsondecode(policy).Statement : concat(
        [for resource in flatten([statement.Resource]) : startswith(resource, "arn:aws:s3:::nada-test-releases-")],
        [for action in flatten([statement.Action]) : !strcontains(action, "*")],
      )
    ]]))
    error_message = "a policy names an action or a resource by a wildcard"
  }
}

run "empty_documents" {
  command = plan

  assert {
    condition = { for key, one in aws_s3_object.empty : key => [one.bucket, one.key, one.content, one.content_type, one.cache_control] } == {
      "changes.json"     = ["nada-test-releases-ap-south-1", "changes.json", "{\"format\":2,\"floor\":0,\"entries\":[]}", "application/json", "public, max-age=15"]
      "revocations.json" = ["nada-test-releases-ap-south-1", "revocations.json", "{\"format\":2,\"ids\":{},\"subjects\":{}}", "application/json", "public, max-age=15"]
    }
    error_message = "the empty documents are not those that publishers and edges read"
  }
}

# Adding a country with a region of its own is one entry.
run "switzerland" {
  command = plan

  variables {
    origins = [
      { region = "ap-south-1", near = ["IN", "BOM"] },
      { region = "ap-southeast-3", near = ["ID", "CGK"] },
      { region = "eu-central-2", near = ["CH", "ZRH"] },
    ]
  }

  assert {
    condition     = aws_s3_bucket.releases["eu-central-2"].region == "eu-central-2" && aws_s3_bucket.releases["eu-central-2"].bucket == "nada-test-releases-eu-central-2"
    error_message = "Switzerland has no bucket"
  }
  assert {
    condition = alltrue([for settings in [
      aws_s3_bucket_versioning.all, aws_s3_bucket_server_side_encryption_configuration.all, aws_s3_bucket_public_access_block.all,
      aws_s3_bucket_ownership_controls.all, aws_s3_bucket_lifecycle_configuration.all, aws_s3_bucket_policy.all,
    ] : settings["eu-central-2"].region == "eu-central-2"])
    error_message = "a setting is missing in Switzerland"
  }
  assert {
    condition     = [for rule in aws_s3_bucket_replication_configuration.releases[0].rule : [rule.id, rule.priority]] == [["ap-southeast-3", 1], ["eu-central-2", 2]]
    error_message = "nothing is replicated to Switzerland, or two rules have one priority"
  }
  assert {
    condition     = contains(one([for one in jsondecode(aws_iam_role_policy.replication[0].policy).Statement : one.Resource if one.Sid == "WriteReplicas"]), "arn:aws:s3:::nada-test-releases-eu-central-2/*")
    error_message = "the replication role may not write to Switzerland"
  }
  assert {
    condition     = contains(jsondecode(aws_iam_user_policy.edge[0].policy).Statement[0].Resource, "arn:aws:s3:::nada-test-releases-eu-central-2/tracks/*")
    error_message = "the edge may not read in Switzerland"
  }
  assert {
    condition     = [for origin in output.origins : [origin.region, origin.bucket, join(" ", origin.near)]][2] == ["eu-central-2", "nada-test-releases-eu-central-2", "CH ZRH"]
    error_message = "the edge is not told of Switzerland"
  }
  assert {
    condition     = length(setintersection(keys(aws_cloudwatch_metric_alarm.replication), ["failed-eu-central-2", "late-eu-central-2", "pending-eu-central-2"])) == 3
    error_message = "nobody hears when replication to Switzerland fails"
  }
}

# Failing over for good is another order: no bucket goes, policies and replication turn round.
run "another_primary" {
  command = plan

  variables {
    origins = [
      { region = "ap-southeast-3", near = ["ID", "CGK"] },
      { region = "ap-south-1", near = ["IN", "BOM"] },
    ]
  }

  assert {
    condition     = aws_s3_bucket.masters.bucket == "nada-test-masters" && keys(aws_s3_bucket.releases) == ["ap-south-1", "ap-southeast-3"]
    error_message = "a bucket moved"
  }
  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.replication : key => alarm.region } == {
      failed-ap-south-1 = "ap-southeast-3", late-ap-south-1 = "ap-south-1", pending-ap-south-1 = "ap-south-1"
    }
    error_message = "the alarms did not change sides"
  }
  assert {
    condition     = output.releases.bucket == "nada-test-releases-ap-southeast-3" && aws_s3_bucket_replication_configuration.releases[0].region == "ap-southeast-3"
    error_message = "publishing or replication goes the old way"
  }
  assert {
    condition = (
      [for one in jsondecode(aws_s3_bucket_policy.all["ap-south-1"].policy).Statement : one.Sid] == ["TlsOnly", "KeepOldVersions", "ReplicationOnly"]
      && [for one in jsondecode(aws_s3_bucket_policy.all["ap-southeast-3"].policy).Statement : one.Sid] == ["TlsOnly", "KeepOldVersions", "CreateOnly", "CompareAndSwap", "KeepMutable"]
    )
    error_message = "the policies did not change sides"
  }
  assert {
    condition     = run.policies_refuse.primary_policies == { ap-southeast-3 = aws_s3_bucket_policy.all["ap-southeast-3"].policy }
    error_message = "the policy to set by hand, should the primary be down, is not the one that an apply sets"
  }
}

run "refuses_one_origin" {
  command = plan
  variables {
    origins = [{ region = "ap-south-1", near = ["IN"] }]
  }
  expect_failures = [var.origins]
}

run "refuses_a_region_twice" {
  command = plan
  variables {
    origins = [{ region = "ap-south-1" }, { region = "ap-south-1" }]
  }
  expect_failures = [var.origins]
}

run "refuses_what_is_no_region" {
  command = plan
  variables {
    origins = [{ region = "ap-south-1" }, { region = "Jakarta" }]
  }
  expect_failures = [var.origins]
}

run "refuses_what_is_no_place" {
  command = plan
  variables {
    origins = [{ region = "ap-south-1", near = ["India"] }, { region = "ap-southeast-3" }]
  }
  expect_failures = [var.origins]
}

run "refuses_a_place_near_two" {
  command = plan
  variables {
    origins = [{ region = "ap-south-1", near = ["SIN"] }, { region = "ap-southeast-3", near = ["SIN"] }]
  }
  expect_failures = [var.origins]
}

run "refuses_a_name_too_long" {
  command = plan
  variables {
    name = "nada-production-of-a-company-with-a-long-name"
  }
  expect_failures = [var.name]
}

run "refuses_forgetting_at_once" {
  command = plan
  variables {
    old_versions_days = 1
  }
  expect_failures = [var.old_versions_days]
}

run "refuses_what_is_no_topic" {
  command = plan
  variables {
    alarm_topic_arns = { ap-south-1 = "arn:aws:sns:ap-south-1:123456789012:nada-test-alarms" }
  }
  expect_failures = [var.alarm_topic_arns]
}

run "refuses_masters_without_a_lock" {
  command = plan
  variables {
    masters_lock_days      = 0
    masters_archive_days   = -1
    masters_replica_region = "Singapore"
  }
  expect_failures = [var.masters_lock_days, var.masters_archive_days, var.masters_replica_region]
}
