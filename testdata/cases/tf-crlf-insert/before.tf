variable "log_accounts" {
  type    = list(string)
  default = ["111111111111"] # the log account
}

locals {
  accounts = [
    "111111111111", # security
    "333333333333", # tools
  ]
}

resource "aws_kms_key" "this" {
  description = "trail"

  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "Key policy created by CloudTrail"
    Statement = [
      {
        Sid       = "Enable IAM User Permissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
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
            "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${data.aws_caller_identity.current.account_id}:trail/*"
          }
        }
      },
    ]
  })
}
