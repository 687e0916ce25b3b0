resource "aws_kms_key_policy" "q" {
  key_id = aws_kms_key.a.id
  policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"EnableCloudTrailEncryptPermissions\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudtrail.amazonaws.com\"},\"Action\":\"kms:GenerateDataKey*\",\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"kms:EncryptionContext:aws:cloudtrail:arn\":\"arn:aws:cloudtrail:*:${var.account}:trail/*\"}}}]}"
}
