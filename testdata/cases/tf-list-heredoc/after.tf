data "aws_iam_policy_document" "k" {
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
        "arn:aws:cloudtrail:*:222222222222:trail/*",
        <<E
arn:aws:cloudtrail:*:111111111111:trail/*
E
        , "arn:aws:cloudtrail:*:333333333333:trail/*",
        "arn:aws:cloudtrail:*:444444444444:trail/*"
      ]
    }
  }
}
