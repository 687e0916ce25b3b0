data "aws_iam_policy_document" "key" {
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
      values = [
        "arn:aws-us-gov:cloudtrail:*:111111111111:trail/*",
        "arn:aws-us-gov:cloudtrail:*:222222222222:trail/*",
      ]
    }
  }
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws-us-gov:iam::111111111111:root"]
    }
  }
}
