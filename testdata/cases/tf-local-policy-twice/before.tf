locals {
  arns = ["arn:aws:cloudtrail:*:111111111111:trail/*"]
  policy = {
    Statement = [{
      Sid       = "Enable CloudTrail Encrypt Permissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = local.arns } }
    }]
  }
}

locals {
  arns = ["arn:aws:cloudtrail:*:333333333333:trail/*"]
}
