resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = []
  })
}
