locals {
  arns = ["arn:aws:cloudtrail:*:111111111111:trail/*", "arn:aws:cloudtrail:*:222222222222:trail/*"]
}
data "aws_iam_policy_document" "cloudtrail" {

  statement {
    sid       = "Enable CloudTrail Encrypt Permissions"
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
      values   = local.arns
    }

  }

}
resource "aws_kms_key" "this" {
  lifecycle {
    ignore_changes = all
  }
  policy = data.aws_iam_policy_document.cloudtrail.json
}
