locals {
  own = "arn:aws:cloudtrail:*:111111111111:trail/*"
  condition = {
    StringLike = {
      "kms:EncryptionContext:aws:cloudtrail:arn" = local.own
    }
  }
}

resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [{
      Sid       = "EnableCloudTrailEncryptPermissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = local.condition
    }]
  })
}
