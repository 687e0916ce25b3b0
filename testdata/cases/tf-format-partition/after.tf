data "aws_iam_policy_document" "key" {
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
        format("arn:%s:cloudtrail:*:%s:trail/*", data.aws_partition.current.partition, data.aws_caller_identity.current.account_id),
        "arn:${data.aws_partition.current.partition}:cloudtrail:*:222222222222:trail/*",
      ]
    }
  }
}
