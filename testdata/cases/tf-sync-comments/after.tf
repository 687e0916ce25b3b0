data "aws_iam_policy_document" "trail" {
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
      values = [
        # "arn:aws:cloudtrail:*:555555555555:trail/*" comes next year
        "arn:aws:cloudtrail:*:222222222222:trail/*", "arn:aws:cloudtrail:*:555555555555:trail/*",
        "arn:aws:cloudtrail:*:666666666666:trail/*"
      ]
    }
  }
}
