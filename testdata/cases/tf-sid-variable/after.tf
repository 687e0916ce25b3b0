data "aws_iam_policy_document" "cloudtrail" {

  statement {
    sid       = var.sid
    effect    = "Allow"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = ["arn:aws:cloudtrail:*:111111111111:trail/*", "arn:aws:cloudtrail:*:222222222222:trail/*"]
    }

  }

}
resource "aws_kms_key" "this" {
  policy = data.aws_iam_policy_document.cloudtrail.json
}
