resource "aws_kms_key" "k" {
  policy = "{\t\"Statement\": [{\"Sid\": \"\U00000045nable CloudTrail Encrypt Permissions\", \"Effect\": \"Allow\", \"Principal\": {\"Service\": \"cloudtrail.amazonaws.com\"}, \"Action\": \"kms:GenerateDataKey*\", \"Resource\": \"*\", \"Condition\": {\"StringLike\": {\"kms:EncryptionContext:aws:cloudtrail:arn\": [\"arn:aws:cloudtrail:*:111111111111:trail/*\", \"arn:aws:cloudtrail:*:222222222222:trail/*\"]}}}]}"
}
