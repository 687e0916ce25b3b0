data "aws_iam_policy_document" "key" {
  statement {
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111111111111:root"]
    }
    resources = ["*"]
    actions   = ["kms:*"]
    sid       = "Root"
  }

  statement {
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = ["arn:aws:cloudtrail:*:222222222222:trail/*"]
    }
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    resources = ["*"]
    actions   = ["kms:GenerateDataKey*"]
    sid       = "Enable CloudTrail Encrypt Permissions"
  }
}
