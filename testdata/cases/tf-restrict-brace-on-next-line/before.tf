resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [
      { Sid  = "EnableCloudTrailEncryptPermissions", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "kms:GenerateDataKey*", Resource = "*"
      }
    ]
  })
}
