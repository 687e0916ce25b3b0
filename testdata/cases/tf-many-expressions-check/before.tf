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
      values   = [var.a, var.b, var.c, var.d, var.e]
    }
  }
}
