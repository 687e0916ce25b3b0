resource "aws_kms_key" "k" {
  policy = jsonencode({
    "Statement" = [
      {
        "Sid"       = "Root"
        "Effect"    = "Allow"
        "Principal" = { "AWS" = "arn:aws:iam::333333333333:root" }
        "Action"    = "kms:*"
        "Resource"  = "*"
      }
    ]
  })
}
