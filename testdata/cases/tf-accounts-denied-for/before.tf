locals {
  accts = ["111111111111"]
}
resource "aws_kms_key" "this" {
  description = "trail"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "Root"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::999999999999:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Enable CloudTrail Encrypt Permissions"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringLike = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = [for a in local.accts : "arn:aws:cloudtrail:*:${a}:trail/*"]
          }

        }
      },

    ], [for x in local.accts : { Effect = "Deny", Principal = "*", Action = "kms:*", Resource = "*", Condition = { StringEquals = { "aws:PrincipalAccount" = x } } }])
  })
}
