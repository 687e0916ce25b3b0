resource "aws_kms_key" "trail" {
  description             = "CloudTrail"
  deletion_window_in_days = 30
  enable_key_rotation     = true

  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Enable IAM User Permissions",
          "Effect": "Allow",
          "Principal": {"AWS": "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"},
          "Action": "kms:*",
          "Resource": "*"
        },
        {
          "Sid": "Enable CloudTrail Encrypt Permissions",
          "Effect": "Allow",
          "Principal": {"Service": "cloudtrail.amazonaws.com"},
          "Action": "kms:GenerateDataKey*",
          "Resource": "*",
          "Condition": {
            "StringLike": {
              "kms:EncryptionContext:aws:cloudtrail:arn": [
                "arn:${data.aws_partition.current.partition}:cloudtrail:*:111111111111:trail/*"
              ]
            },
            "StringEquals": {"aws:SourceAccount": ${jsonencode(var.source_accounts)}}
          }
        }%{ if var.readers != "" },
        {
          "Sid": "Readers $${aws:username}",
          "Effect": "Allow",
          "Principal": {"AWS": "${var.readers}"},
          "Action": "kms:Decrypt",
          "Resource": "*"
        }%{ endif }
      ]
    }
  POLICY
}
