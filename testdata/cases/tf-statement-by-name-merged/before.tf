locals {
  key_policy = {
    Version   = "2012-10-17"
    Statement = local.statements
  }
  statements = [local.root_statement, local.trail_statement]
  root_statement = {
    Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111111111111:root" }, Action = "kms:*", Resource = "*"
  }
  trail_statement = merge(var.defaults, {
    Sid       = "EnableCloudTrailEncryptPermissions"
    Effect    = "Allow"
    Principal = { Service = "cloudtrail.amazonaws.com" }
    Action    = "kms:GenerateDataKey*"
    Resource  = "*"
    Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:111111111111:trail/*"] } }
  })
}
resource "aws_kms_key" "k" {
  policy = jsonencode(local.key_policy)
}
