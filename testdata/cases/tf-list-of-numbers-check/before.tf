data "aws_iam_policy_document" "this" {
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
      values   = [for a in var.accounts : "arn:aws:cloudtrail:*:${a}:trail/*"]
    }
  }
}

resource "aws_kms_key" "this" {
  policy = data.aws_iam_policy_document.this.json
}

variable "accounts" {
  type    = list(number)
  default = [111111111111, "012345678901"]
}
