resource "aws_kms_key" "this" {
  description = "é"
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Enable CloudTrail Encrypt Permissions",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "kms:GenerateDataKey*",
      "Res${var.x}": "*", "Res${var.x}": "*",
      "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": ["x"]}}
    }
  ]
}
EOF
}
