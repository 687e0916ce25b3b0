locals {
  a = try(local.b, null)
  b = try(local.a, null)
}

resource "aws_kms_key" "trail" {
  policy = local.a
}
