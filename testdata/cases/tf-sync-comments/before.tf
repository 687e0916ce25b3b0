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
        "arn:aws:cloudtrail:*:111111111111:trail/*", # one
        # "arn:aws:cloudtrail:*:555555555555:trail/*" comes next year
        "arn:aws:cloudtrail:*:222222222222:trail/*", "arn:aws:cloudtrail:*:333333333333:trail/*",
        "arn:aws:cloudtrail:*:444444444444:trail/*"  # "arn:aws:cloudtrail:*:555555555555:trail/*" too
      ]
    }
  }
}
