locals {
  key_policy = {
    Version   = "2012-10-17"
    Statement = [local.a]
  }
  a = { Sid = "A", Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*", Condition = local.b }
  b = { StringLike = local.c }
  c = { "kms:EncryptionContext:aws:cloudtrail:arn" = local.b }
}
resource "aws_kms_key" "k" {
  policy = jsonencode(local.key_policy)
}
