resource "aws_kms_key" "k" {
  policy = jsonencode({
    "Statement" = [
      {
        "Sid"       = "Root"
        "Effect"    = "Allow"
        "Principal" = { "AWS" = "arn:aws:iam::333333333333:root" }
        "Action"    = "kms:*"
        "Resource"  = "*"
      },
      {
        "Sid"       = "Enable CloudTrail Encrypt Permissions"
        "Effect"    = "Allow"
        "Principal" = { "Service" = "cloudtrail.amazonaws.com" }
        "Action"    = "kms:GenerateDataKey*"
        "Resource"  = "*"
        "Condition" = {
          "StringLike" = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws:cloudtrail:*:222222222222:trail/*"]
          }
        }
      }
    ]
  })
}
