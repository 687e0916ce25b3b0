resource "aws_kms_key" "this" {
  description = "trail"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
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
            "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:111111111111:trail/*", /* payments */ "arn:aws:cloudtrail:*:222222222222:trail/*", "arn:aws:cloudtrail:*:444444444444:trail/*"]
          }

        }
      },

    ]
  })
}
