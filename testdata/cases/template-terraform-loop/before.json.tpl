{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "EnableCloudTrailEncryptPermissions",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {
        "StringLike": {
          "kms:EncryptionContext:aws:cloudtrail:arn": [
%{ for index, account in accounts ~}
            "arn:aws:cloudtrail:*:${account}:trail/*"%{ if index < length(accounts) - 1 },%{ endif }
%{ endfor ~}
            "arn:aws:cloudtrail:*:111111111111:trail/*"
          ]
        }
      }
    }
  ]
}
