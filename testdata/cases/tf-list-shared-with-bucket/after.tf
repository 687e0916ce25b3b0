locals {
  trail_arns = [
    "arn:aws:cloudtrail:*:111111111111:trail/*",
    "arn:aws:cloudtrail:*:333333333333:trail/*",
    "arn:aws:cloudtrail:*:222222222222:trail/*",
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
      values   = local.trail_arns
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "Root"
    actions   = ["s3:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "EnableCloudTrailEncryptPermissions"
    actions   = ["s3:PutObject"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:SourceArn"
      values   = local.trail_arns
    }
  }
}
