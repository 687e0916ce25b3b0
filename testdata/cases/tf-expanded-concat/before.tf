locals {
  security = ["arn:aws:cloudtrail:*:111111111111:trail/*"]
  payments = ["arn:aws:cloudtrail:*:333333333333:trail/*"]
}

resource "aws_kms_key" "this" {
  policy = jsonencode({
    Statement = [{
      Sid       = "Enable CloudTrail Encrypt Permissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = concat([local.security, local.payments]...) } }
    }]
  })
}
