# Who the edge is to S3. Its access keys are made by hand, two at a time when they rotate: one made here would lie in the
# state.

resource "aws_iam_user" "edge" {
  name                 = "${var.name}-edge"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  # its keys go with it, and every edge with them
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_user_policy" "edge" {
  name = "read-releases"
  user = aws_iam_user.edge.name

  # no ListBucket: what the edge may read it knows by name. Absent keys are then answered 403, which the edge expects.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Read"
      Effect = "Allow"
      Action = "s3:GetObject"
      Resource = flatten([
        for region in var.origins[*].region : [
          for key in ["tracks/*", "changes.json", "revocations.json"] : "arn:aws:s3:::${local.buckets[region].name}/${key}"
        ]
      ])
    }]
  })
}
