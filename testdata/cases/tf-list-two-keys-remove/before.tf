locals {
  trails = [
    "arn:aws:cloudtrail:*:111111111111:trail/*",
    "arn:aws:cloudtrail:*:222222222222:trail/*",
  ]
}

resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EnableCloudTrailEncryptPermissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = local.trails } }
    }]
  })
}

resource "aws_kms_key" "archive" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EnableCloudTrailEncryptPermissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = local.trails } }
    }]
  })
}
