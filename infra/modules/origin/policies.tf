# What nobody may do, whatever a role of theirs allows. A bucket policy binds every identity; lifecycle and replication
# go on.

locals {
  # changed by compare-and-swap; all other keys of a release are created once and for ever
  mutable_keys = ["tracks/*/manifest.json", "releases/*.json", "changes.json", "revocations.json"]
  mutable_arns = {
    for region in var.origins[*].region : region => [
      for key in local.mutable_keys : "arn:aws:s3:::${local.buckets[region].name}/${key}"
    ]
  }

  # nothing travels in the clear
  tls_only = {
    for key, bucket in local.buckets : key => {
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::${bucket.name}", "arn:aws:s3:::${bucket.name}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  }

  # what was replaced or deleted stays restorable until the lifecycle ends it
  keep_old_versions = {
    for key, bucket in local.buckets : key => {
      Sid       = "KeepOldVersions"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:DeleteObjectVersion"
      Resource  = "arn:aws:s3:::${bucket.name}/*"
    }
  }

  primary_arn = local.primary == null ? null : "arn:aws:s3:::${local.buckets[local.primary].name}"

  # of every bucket of releases, though one is the primary: the others may have to become it
  primary_policy = {
    for region in var.origins[*].region : region => [
      {
        # Nobody overwrites a segment: without If-None-Match there is no creating. ObjectCreationOperation is false for the
        # parts of a multipart upload, which take no condition; the request that completes it does.
        Sid         = "CreateOnly"
        Effect      = "Deny"
        Principal   = "*"
        Action      = "s3:PutObject"
        NotResource = local.mutable_arns[region]
        Condition = {
          Null = { "s3:if-none-match" = "true" }
          Bool = { "s3:ObjectCreationOperation" = "true" }
        }
      },
      {
        # what may change is created, or replaced on a look at what is there
        Sid       = "CompareAndSwap"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = local.mutable_arns[region]
        Condition = {
          Null = { "s3:if-none-match" = "true", "s3:if-match" = "true" }
          Bool = { "s3:ObjectCreationOperation" = "true" }
        }
      },
      {
        # the sweep deletes versions and lyrics, never what says which of them count
        Sid       = "KeepMutable"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:DeleteObject"
        Resource  = local.mutable_arns[region]
      },
    ]
  }

  # only replication writes here, or the copies would no longer be copies
  replica_policy = {
    for region in local.replicas : region => [{
      Sid       = "ReplicationOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:PutObject", "s3:DeleteObject"]
      Resource  = "arn:aws:s3:::${local.buckets[region].name}/*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.replication_role_arn } }
    }]
  }

  # masters have the same, by their own replication, which deletes nothing
  masters_policy = merge({ masters = [] }, {
    for bucket in aws_s3_bucket.masters_replica : "masters-replica" => [{
      Sid       = "ReplicationOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:PutObject", "s3:DeleteObject"]
      Resource  = "arn:aws:s3:::${bucket.bucket}/*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.masters_replication_role_arn } }
    }]
  })

  # each bucket's whole policy, by what it is
  policy_as = {
    for role, own in { masters = local.masters_policy, primary = local.primary_policy, replica = local.replica_policy } : role => {
      for key, statements in own : key => jsonencode({
        Version   = "2012-10-17"
        Statement = concat([local.tls_only[key], local.keep_old_versions[key]], statements)
      })
    }
  }
}

resource "aws_s3_bucket_policy" "all" {
  for_each = local.buckets

  region = each.value.region
  bucket = each.value.name
  policy = merge(local.policy_as.masters, local.policy_as.primary, local.policy_as.replica)[each.key]

  # CompareAndSwap refuses Terraform's own plain puts: the empty documents come first, and once
  depends_on = [aws_s3_bucket_public_access_block.all, aws_s3_object.empty]
}
