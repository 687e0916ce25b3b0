locals {
  accounts = ["111111111111", "222222222222"]
  other    = [for a in local.accounts : "arn:aws:iam::${a}:root"]
}
resource "aws_kms_key" "k" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Enable CloudTrail Encrypt Permissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = [for a in local.accounts : "arn:aws:cloudtrail:*:${a}:trail/*"] } }
    }]
  })
}
