locals {
  accounts = ["111111111111"]
  joined   = join(":trail/*\", \"arn:aws:cloudtrail:*:", local.accounts)
}

resource "aws_kms_key" "this" {
  policy = <<EOF
{
  "Statement": [
    {
      "Sid": "Enable CloudTrail Encrypt Permissions",
      "Effect": "Allow",
      "Principal": { "Service": "cloudtrail.amazonaws.com" },
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {
        "StringLike": {
          "kms:EncryptionContext:aws:cloudtrail:arn": ["arn:aws:cloudtrail:*:${local.joined}:trail/*"]
        }
      }
    }
  ]
}
EOF
}
