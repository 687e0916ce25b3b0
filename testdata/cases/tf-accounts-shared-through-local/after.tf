locals {
  accounts = ["111111111111", "222222222222"]
  ctx      = { "kms:EncryptionContext:aws:cloudtrail:arn" = [for a in local.accounts : "arn:aws:cloudtrail:*:${a}:trail/*"] }
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
resource "aws_kms_key" "j" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Enable CloudTrail Encrypt Permissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = local.ctx }
    }]
  })
}
