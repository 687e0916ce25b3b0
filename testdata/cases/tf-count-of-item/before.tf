locals {
  sizes = [1]
}

resource "aws_kms_key" "k" {
  count = local.sizes[0]

  policy = jsonencode({
    Statement = [{
      Sid       = "Enable CloudTrail Encrypt Permissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:111111111111:trail/*"] } }
    }]
  })
}
