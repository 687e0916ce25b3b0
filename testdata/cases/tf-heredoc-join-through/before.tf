locals {
  arns   = ["arn:aws:cloudtrail:*:111111111111:trail/*"]
  joined = join("\", \"", local.arns)
  text   = local.joined
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
          "kms:EncryptionContext:aws:cloudtrail:arn": ["${local.text}"]
        }
      }
    }
  ]
}
EOF
}
