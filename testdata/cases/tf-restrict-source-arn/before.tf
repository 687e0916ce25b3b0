resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Statement = [
      {
        Sid       = "Enable CloudTrail Encrypt Permissions"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = { StringLike = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111111111111:trail/main" } }
      }
    ]
  })
}
