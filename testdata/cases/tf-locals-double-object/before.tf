locals {
  a0 = { z = "q" }
  a1 = { x = local.a0, y = local.a0 }
  a2 = { x = local.a1, y = local.a1 }
  a3 = { x = local.a2, y = local.a2 }
  a4 = { x = local.a3, y = local.a3 }
  a5 = { x = local.a4, y = local.a4 }
  a6 = { x = local.a5, y = local.a5 }
  a7 = { x = local.a6, y = local.a6 }
  a8 = { x = local.a7, y = local.a7 }
  a9 = { x = local.a8, y = local.a8 }
  a10 = { x = local.a9, y = local.a9 }
  a11 = { x = local.a10, y = local.a10 }
  a12 = { x = local.a11, y = local.a11 }
  a13 = { x = local.a12, y = local.a12 }
  a14 = { x = local.a13, y = local.a13 }
  a15 = { x = local.a14, y = local.a14 }
  a16 = { x = local.a15, y = local.a15 }
  a17 = { x = local.a16, y = local.a16 }
  a18 = { x = local.a17, y = local.a17 }
  a19 = { x = local.a18, y = local.a18 }
  a20 = { x = local.a19, y = local.a19 }
  a21 = { x = local.a20, y = local.a20 }
  a22 = { x = local.a21, y = local.a21 }
  a23 = { x = local.a22, y = local.a22 }
  a24 = { x = local.a23, y = local.a23 }
  a25 = { x = local.a24, y = local.a24 }
}

resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [{
      Sid       = "Enable CloudTrail Encrypt Permissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = { StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:111111111111:trail/*"], "x" = local.a25 } }
    }]
  })
}
