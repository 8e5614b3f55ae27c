# What the edge may read. Who it is, infra/bootstrap made: its keys must be in Cloudflare's store before the worker is bound
# to them.

resource "aws_iam_user_policy" "edge" {
  count = local.primary == null ? 0 : 1

  name = "read-releases"
  user = var.edge_user

  # no ListBucket: what the edge may read it knows by name. Absent keys are then answered 403, which the edge expects.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid    = "Read"
        Effect = "Allow"
        Action = "s3:GetObject"
        Resource = flatten([
          for region in var.origins[*].region : [
            for key in ["tracks/*", "changes.json", "revocations.json"] : "arn:aws:s3:::${local.buckets[region].name}/${key}"
          ]
        ])
      }],
      # a key that leaks is of use in the edge's network alone
      [for addresses in length(var.edge_addresses) > 0 ? [sort(var.edge_addresses)] : [] : {
        Sid       = "FromTheEdge"
        Effect    = "Deny"
        Action    = "*"
        Resource  = "*"
        Condition = { NotIpAddress = { "aws:SourceIp" = addresses } }
      }],
    )
  })
}
