resource "aws_kms_key" "k" {
  policy = <<EOF
{
  "Statement": [
    %{ if var.on }
    {
      "Sid": "Enable CloudTrail Encrypt Permissions",
      "Effect": "Allow",
      "Principal": { "Service": "cloudtrail.amazonaws.com" },
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {
        "StringLike": {
          "kms:EncryptionContext:aws:cloudtrail:arn": ["arn:aws:cloudtrail:*:111111111111:trail/*"]
        }
      }
    },
    %{ endif }
    { "Sid": "Root", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::333333333333:root" }, "Action": "kms:*", "Resource": "*" }
  ]
}
EOF
}
