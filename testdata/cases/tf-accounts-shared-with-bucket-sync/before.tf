locals {
  accounts = [
    "111111111111", # security
    "333333333333", # tools
  ]
}

data "aws_iam_policy_document" "trail" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

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
      values   = formatlist("arn:%s:cloudtrail:*:%s:trail/*", data.aws_partition.current.partition, local.accounts)
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "Root"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.logs.arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "EnableCloudTrailEncryptPermissions"
    actions   = ["s3:PutObject"]
    resources = [for a in local.accounts : "${aws_s3_bucket.logs.arn}/AWSLogs/${a}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = ["x"]
    }
  }
}
