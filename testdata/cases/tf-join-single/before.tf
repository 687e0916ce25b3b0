resource "aws_kms_key" "this" {
  policy = jsonencode({
    Statement = [{
      Sid       = "Enable CloudTrail Encrypt Permissions"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "kms:GenerateDataKey*"
      Resource  = "*"
      Condition = {
        StringLike = {
          "kms:EncryptionContext:aws:cloudtrail:arn" = join(":", ["arn", data.aws_partition.current.partition, "cloudtrail", "*", "111111111111", "trail/*"])
        }
      }
    }]
  })
}
