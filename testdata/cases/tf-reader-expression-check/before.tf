resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [
      { Sid = "Readers", Effect = "Allow", Principal = var.readers, Action = "kms:Decrypt", Resource = "*" },
      {
        Sid       = "Enable CloudTrail Encrypt Permissions"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:111111111111:trail/*"] } }
      }
    ]
  })
}
