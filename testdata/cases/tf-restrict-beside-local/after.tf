locals {
  trail_accounts = ["111111111111"]
}
resource "aws_kms_key" "k" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111111111111:root" }, Action = "kms:*", Resource = "*" },
      {
        Sid       = "Enable CloudTrail Encrypt Permissions"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringLike = {
            "aws:SourceArn" = local.trail_accounts
            "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:222222222222:trail/*"]
          }
        }
      }
    ]
  })
}
