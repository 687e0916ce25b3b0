locals {
  keys = {
    eu = { alias = "trail-eu", arns = ["arn:aws:cloudtrail:*:111111111111:trail/*"] }
  }
}

resource "aws_kms_key" "this" {
  for_each = local.keys
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111111111111:root" }, Action = "kms:*", Resource = "*" },
      { Sid = "EnableCloudTrailEncryptPermissions", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:GenerateDataKey*", Resource = "*",
        Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = each.value.arns } } },
    ]
  })
}
