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

resource "aws_eks_node_group" "n" {
  taint = [{ effect = "NO_SCHEDULE", key = "owner", value = local.accounts[0] }]
}
