locals {
  partition = data.aws_partition.current.partition

  trail_accounts = [
    "111111111111", # security
  ]
}

data "aws_iam_policy_document" "trail" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "EnableCloudTrailEncryptPermissions"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = formatlist("arn:%[2]s:cloudtrail:*:%[1]v:trail/*", toset(local.trail_accounts), local.partition)
    }
  }
}
