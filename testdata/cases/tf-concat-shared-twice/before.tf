locals {
  base = ["arn:aws:cloudtrail:*:111111111111:trail/*"]
  more = ["arn:aws:cloudtrail:*:111111111111:trail/*"]
}

data "aws_iam_policy_document" "a" {
  statement {
    sid       = "Enable CloudTrail Encrypt Permissions"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = local.base
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = local.more
    }
  }
}

data "aws_iam_policy_document" "b" {
  statement {
    sid       = "Enable CloudTrail Encrypt Permissions"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = concat(local.base, local.more, ["arn:aws:cloudtrail:*:333333333333:trail/*"])
    }
  }
}
