locals {
  a0 = null
  a1 = var.x ? local.a0 : local.a0
  a2 = var.x ? local.a1 : local.a1
  a3 = var.x ? local.a2 : local.a2
  a4 = var.x ? local.a3 : local.a3
  a5 = var.x ? local.a4 : local.a4
  a6 = var.x ? local.a5 : local.a5
  a7 = var.x ? local.a6 : local.a6
  a8 = var.x ? local.a7 : local.a7
  a9 = var.x ? local.a8 : local.a8
  a10 = var.x ? local.a9 : local.a9
  a11 = var.x ? local.a10 : local.a10
  a12 = var.x ? local.a11 : local.a11
  a13 = var.x ? local.a12 : local.a12
  a14 = var.x ? local.a13 : local.a13
  a15 = var.x ? local.a14 : local.a14
  a16 = var.x ? local.a15 : local.a15
  a17 = var.x ? local.a16 : local.a16
  a18 = var.x ? local.a17 : local.a17
  a19 = var.x ? local.a18 : local.a18
  a20 = var.x ? local.a19 : local.a19
  a21 = var.x ? local.a20 : local.a20
  a22 = var.x ? local.a21 : local.a21
  a23 = var.x ? local.a22 : local.a22
  a24 = var.x ? local.a23 : local.a23
  a25 = var.x ? local.a24 : local.a24
}
resource "aws_kms_key" "k" {
  policy = local.a25
}
