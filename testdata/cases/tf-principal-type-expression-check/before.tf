data "aws_iam_policy_document" "k" {
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
      values   = ["arn:aws:cloudtrail:*:111111111111:trail/*"]
    }
  }
}
data "aws_iam_policy_document" "x" {
  statement {
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = var.kind
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}
