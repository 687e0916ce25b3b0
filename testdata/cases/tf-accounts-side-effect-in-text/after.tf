locals {
  accounts = ["111111111111", "222222222222"]
}

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
      values   = [for a in local.accounts : "arn:aws:cloudtrail:*:${a}:trail/*"]
    }
  }
}

resource "aws_s3_bucket_policy" "b" {
  policy = <<EOF
{"side_effect": "deny", "accounts": ${jsonencode(local.accounts)}}
EOF
}
