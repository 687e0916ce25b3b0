locals {
  base = ["arn:aws:cloudtrail:*:333333333333:trail/*", "arn:aws:cloudtrail:*:222222222222:trail/*", "arn:aws:cloudtrail:*:444444444444:trail/*"]
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
      values   = concat(local.base, local.base)
    }
  }
}
