{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "say \"${x}\"",
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "kms:GenerateDataKey*",
      "Resource": "*",
      "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": ["arn:aws:cloudtrail:*:${account}:trail/*", "arn:aws:cloudtrail:*:222222222222:trail/*"]}}
    }
  ]
}
