locals {
  arns = concat(var.x, [])
}

data "aws_iam_policy_document" "trail" {
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
      values   = local.arns
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = local.arns
    }
  }
}
