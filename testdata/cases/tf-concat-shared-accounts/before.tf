locals {
  base = ["111111111111"]
  more = ["333333333333"]
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
      values   = formatlist("arn:aws:cloudtrail:*:%s:trail/*", concat(local.base, local.more))
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = [for a in local.more : "arn:aws:cloudtrail:*:${a}:trail/*"]
    }
  }
}
