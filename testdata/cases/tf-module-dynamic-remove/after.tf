variable "extra_policies" {
  type    = list(string)
  default = []
}

variable "services" {
  type    = set(string)
  default = ["logs.eu-west-1.amazonaws.com"]
}

locals {
  # Everybody whose trail ends up in our bucket.
  trail_accounts = toset([
    "111111111111",
  ])
  all = local.trail_accounts
}

module "bucket" {
  source   = "./bucket"
  accounts = var.accounts
}

data "aws_iam_policy_document" "key" {
  source_policy_documents = concat([data.aws_iam_policy_document.base.json], var.extra_policies)
  policy_id               = "trail"

  dynamic "statement" {
    for_each = var.services
    content {
      sid       = "Allow ${statement.value}"
      actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = [statement.value]
      }
    }
  }

  statement {
    sid       = "EnableCloudTrailEncryptPermissions"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.${data.aws_partition.current.dns_suffix}"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = [for id in local.all : "arn:${local.partition}:cloudtrail:*:${id}:trail/*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudtrail.main.arn]
    }
  }
}

resource "aws_kms_key_policy" "trail" {
  count  = var.enabled ? 1 : 0
  key_id = aws_kms_key.trail[0].id
  policy = data.aws_iam_policy_document.key.json
}
