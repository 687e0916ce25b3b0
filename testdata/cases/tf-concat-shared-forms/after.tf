locals {
  base = ["111111111111", "222222222222"]
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
      values   = [for a in local.base : "arn:aws:cloudtrail:*:${a}:trail/*"]
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
      values   = concat([for a in local.base : "arn:aws:cloudtrail:*:${a}:trail/*"], ["arn:aws:cloudtrail:*:333333333333:trail/*"])
    }
  }
}
