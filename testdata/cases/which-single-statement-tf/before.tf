resource "aws_kms_key" "trail" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = {
      Sid       = "Describe"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:DescribeKey"
      Resource  = "*"
      Condition = {
        StringEquals = {
          "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/main"
        }
      }
    }
  })
}
