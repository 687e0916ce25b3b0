resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [
      { Sid  = "EnableCloudTrailEncryptPermissions", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:GenerateDataKey*", Resource = "*", Condition = {
        StringLike = {
          "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:222222222222:trail/*"]
        }
      }
      }
    ]
  })
}
