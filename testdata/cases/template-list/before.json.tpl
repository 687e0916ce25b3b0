{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Root",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:${partition}:iam::${account_id}:root"},
      "Action": "kms:*",
      "Resource": "*"
    },
%{ if readers ~}
    {
      "Sid": "Readers",
      "Effect": "Allow",
      "Principal": {"AWS": ${jsonencode(reader_arns)}},
      "Action": "kms:Decrypt",
      "Resource": "*"
    },
%{ endif ~}
    {
      "Sid": "EnableCloudTrailEncryptPermissions",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {
        "StringLike": {
          "kms:EncryptionContext:aws:cloudtrail:arn": [
            "arn:${partition}:cloudtrail:*:${account_id}:trail/*"
          ]
        }
      }
    }
  ]
}
