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
}
