locals {
  audit_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EnableCloudTrailEncryptPermissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["kms:GenerateDataKey*"]
      Resource  = "*"
      Condition = {
        StringLike = {
          "kms:EncryptionContext:aws:cloudtrail:arn" = ["arn:aws-cn:cloudtrail:*:111111111111:trail/*", "arn:aws-cn:cloudtrail:*:222222222222:trail/*"]
        }
      }
      }, {
      Sid       = "Root"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws-cn:iam::111111111111:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  }
}

resource "aws_kms_key" "audit" {
  policy = jsonencode(local.audit_policy)
}

resource "aws_kms_replica_key" "audit" {
  primary_key_arn = aws_kms_key.audit.arn
  policy          = jsonencode(local.audit_policy)
}

resource "aws_kms_key" "ebs" {
  policy = <<EOF
{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}}
EOF
}
