resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [
      {
        Sid       = "Root"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.p}:iam::111111111111:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Admin"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.q}:iam::111111111111:role/admin" }
        Action    = "kms:*"
        Resource  = "*"
      },
    ]
  })
}
