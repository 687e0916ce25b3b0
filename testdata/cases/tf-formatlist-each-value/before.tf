locals {
  accounts = ["111111111111"]
}

data "aws_iam_policy_document" "k" {
  for_each = var.partitions

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
      values   = formatlist("arn:%s:cloudtrail:*:%s:trail/*", each.value, local.accounts)
    }
  }
}
