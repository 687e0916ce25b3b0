resource "aws_kms_key" "k" {
  policy = <<EOF
{
  "Statement": [
    {
      "Sid": "Like %%{ in Terraform",
      "Effect": "Allow",
      "Principal": { "Service": "cloudtrail.amazonaws.com" },
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {
        "StringLike": {
          "kms:EncryptionContext:aws:cloudtrail:arn": ["arn:aws:cloudtrail:*:111111111111:trail/*", "arn:aws:cloudtrail:*:222222222222:trail/*"]
        }
      }
    }
  ]
}
EOF
}
