# Who plans and who applies: two GitHub environments, each with a role. Neither reads what a bucket of Nada's holds.

locals {
  trust = {
    for role, environment in { plan = "${var.environment}-plan", apply = var.environment } : role => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = local.provider_arn }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          # equal, not like: a pattern would let other branches and forks in
          StringEquals = {
            "${local.issuer}:aud" = "sts.amazonaws.com"
            "${local.issuer}:sub" = "repo:${var.repository}:environment:${environment}"
          }
        }
      }]
    })
  }

  state_arn = "arn:aws:s3:::${local.state}/nada/${var.environment}/terraform.tfstate"

  # the configuration of what infra/live makes, and no content
  read = [
    "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
    "s3:GetAccelerateConfiguration", "s3:ListBucket", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags",
    "sns:GetTopicAttributes", "sns:GetSubscriptionAttributes", "sns:ListTagsForResource", "lambda:Get*", "lambda:List*",
    "logs:DescribeLogGroups", "logs:ListTagsForResource", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard",
    "cloudwatch:ListTagsForResource", "iam:Get*", "iam:List*", "budgets:ViewBudget", "budgets:ListTagsForResource",
    "ce:GetAnomaly*", "ce:ListTagsForResource", "servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota",
    "events:DescribeRule", "events:ListTargetsByRule", "events:ListTagsForResource", "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors",
    "cloudtrail:ListTags",
  ]

  state_statements = {
    for role, state in { plan = ["s3:GetObject"], apply = ["s3:GetObject", "s3:PutObject"] } : role => [
      # a plan looks at the two documents that Terraform made empty
      { Sid = "ReadDocuments", Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectTagging"], Resource = local.documents },
      { Sid = "ListState", Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::${local.state}" },
      { Sid = "State", Effect = "Allow", Action = state, Resource = local.state_arn },
      { Sid = "Lock", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource = "${local.state_arn}.tflock" },
    ]
  }

  documents = [for key in ["changes.json", "revocations.json"] : "arn:aws:s3:::${local.name}-releases-*/${key}"]

  # whatever else a role is given one day
  never = [
    {
      # masters, releases, messages: the two documents that Terraform makes are the exception
      Sid         = "NoContent"
      Effect      = "Deny"
      Action      = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent"]
      NotResource = concat([local.state_arn, "${local.state_arn}.tflock"], local.documents)
    },
    { Sid = "NoMessages", Effect = "Deny", Action = "sqs:ReceiveMessage", Resource = "*" },
    {
      Sid      = "NoEnd"
      Effect   = "Deny"
      Action   = ["s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:PutObjectLegalHold"]
      Resource = "*"
    },
    { Sid = "NoEndOfRecords", Effect = "Deny", Action = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], Resource = "*" },
    { Sid = "NoKeys", Effect = "Deny", Action = ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateAccessKey"], Resource = "*" },
  ]

  identities = [for kind in ["role", "user"] : "arn:aws:iam::${var.aws_account_id}:${kind}/${local.name}-*"]
  deployers  = [for role in ["plan", "apply"] : "arn:aws:iam::${var.aws_account_id}:role/${local.name}-${role}"]

  change = [
    {
      Sid      = "Buckets"
      Effect   = "Allow"
      Action   = ["s3:CreateBucket", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration", "s3:DeleteBucketPolicy"]
      Resource = "arn:aws:s3:::${local.name}-*"
    },
    {
      # created empty; from then on the bucket's policy refuses to replace them unseen
      Sid      = "EmptyDocuments"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:PutObjectTagging"]
      Resource = local.documents
    },
    {
      Sid    = "Services"
      Effect = "Allow"
      Action = ["sqs:*", "sns:*", "lambda:*", "logs:*", "cloudwatch:*", "events:*", "cloudtrail:*"]
      Resource = concat(
        [for service in ["sqs", "sns"] : "arn:aws:${service}:*:${var.aws_account_id}:${local.name}-*"],
        [
          "arn:aws:lambda:*:${var.aws_account_id}:function:${local.name}*",
          "arn:aws:logs:*:${var.aws_account_id}:log-group:/aws/lambda/${local.name}*",
          "arn:aws:cloudwatch:*:${var.aws_account_id}:alarm:${local.name}-*",
          "arn:aws:cloudwatch::${var.aws_account_id}:dashboard/${local.name}-*",
          "arn:aws:events:*:${var.aws_account_id}:rule/${local.name}-*",
          "arn:aws:cloudtrail:*:${var.aws_account_id}:trail/${local.name}",
        ],
      )
    },
    {
      # these take no resource, or one that is named by AWS
      Sid    = "WithoutNames"
      Effect = "Allow"
      Action = [
        "lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:TagResource",
        "sns:Unsubscribe", "sns:SetSubscriptionAttributes", "budgets:ModifyBudget", "budgets:TagResource", "ce:CreateAnomaly*",
        "ce:UpdateAnomaly*", "ce:DeleteAnomaly*", "ce:TagResource",
      ]
      Resource = "*"
    },
    {
      # with the boundary, or not at all
      Sid       = "MakeIdentities"
      Effect    = "Allow"
      Action    = ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutUserPolicy", "iam:DeleteUserPolicy", "iam:PutRolePermissionsBoundary"]
      Resource  = local.identities
      Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arn } }
    },
    {
      Sid      = "KeepIdentities"
      Effect   = "Allow"
      Action   = ["iam:DeleteRole", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole"]
      Resource = local.identities
    },
    {
      Sid       = "PassRoles"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = local.identities
      Condition = { StringEquals = { "iam:PassedToService" = ["lambda.amazonaws.com", "s3.amazonaws.com", "batchoperations.s3.amazonaws.com"] } }
    },
    {
      # nobody makes himself another
      Sid      = "NotThemselves"
      Effect   = "Deny"
      Action   = ["iam:*Role*", "sts:AssumeRole"]
      Resource = local.deployers
    },
    {
      Sid      = "NotTheBoundary"
      Effect   = "Deny"
      Action   = ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"]
      Resource = "*"
    },
  ]
}

resource "aws_iam_role" "deployer" {
  for_each = local.trust

  name                 = "${local.name}-${each.key}"
  description          = each.key == "plan" ? "Shows what would change in ${local.name}" : "Changes ${local.name}"
  max_session_duration = 3600
  assume_role_policy   = each.value

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "deployer" {
  for_each = aws_iam_role.deployer

  name = each.key
  role = each.value.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "Read", Effect = "Allow", Action = local.read, Resource = "*" }],
      local.state_statements[each.key],
      local.never,
      [for statement in local.change : statement if each.key == "apply"],
    )
  })
}
