resource "aws_kms_key" "trail" {
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "EnableCloudTrailEncryptPermissions",
          "Effect": "Allow",
          "Principal": {"Service": "cloudtrail.amazonaws.com"},
          "Action": "kms:GenerateDataKey*",
          "Resource": "*",
          "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": [
%{for id in local.ids~}
            "arn:aws:cloudtrail:*:${id}:trail/*",
%{endfor~}
            "arn:aws:cloudtrail:*:111111111111:trail/*"
          ]}}
        }
      ]
    }
  EOT

}

locals {
  ids = ["222222222222"]
}
