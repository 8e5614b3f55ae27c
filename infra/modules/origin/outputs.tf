output "masters" {
  description = "The bucket that `nada submit` uploads to: its name and ARN."
  value = {
    bucket = aws_s3_bucket.masters.bucket
    arn    = "arn:aws:s3:::${aws_s3_bucket.masters.bucket}"
  }
}

output "releases" {
  description = "The primary bucket, which publishers write to: its name, ARN and region. Null without origins."
  value = one([for primary in local.primary[*] : {
    bucket = local.buckets[primary].name
    arn    = local.primary_arn
    region = primary
  }])
}

output "origins" {
  description = "What the edge reads from, the primary first: bucket, region and the places near it."
  value = [
    for origin in var.origins : {
      bucket = local.buckets[origin.region].name
      region = origin.region
      near   = sort(origin.near)
    }
  ]
}

output "primary_policies" {
  description = "For each replica, the policy of its bucket as it is when it becomes the primary."
  value       = { for region in local.replicas : region => local.policy_as.primary[region] }
}

output "backfill_role_arn" {
  description = "The role of the S3 Batch Operations job that copies to a replica what was there before it. Null without replicas."
  value       = one([for role in aws_iam_role.backfill : "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/${role.name}"])
}
