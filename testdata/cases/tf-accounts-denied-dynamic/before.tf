locals {
  accts = ["111111111111"]
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
      values   = [for a in local.accts : "arn:aws:cloudtrail:*:${a}:trail/*"]
    }

  }
  dynamic "statement" {
    for_each = local.accts
    content {
      effect    = "Deny"
      actions   = ["kms:*"]
      resources = ["*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "StringLike"
        variable = "aws:PrincipalAccount"
        values   = [statement.value]
      }
    }
  }
}
resource "aws_kms_key" "this" {
  policy = data.aws_iam_policy_document.cloudtrail.json
}
