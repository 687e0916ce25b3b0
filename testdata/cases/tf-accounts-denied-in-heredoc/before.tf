locals {
  accts = ["111111111111"]
}
data "aws_iam_policy_document" "cloudtrail" {

  statement {
    sid       = "Enable CloudTrail Encrypt Permissions"
    effect    = "Allow"
    actions   = ["kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:cloudtrail:arn"
      values   = [for a in local.accts : "arn:aws:cloudtrail:*:${a}:trail/*"]
    }

  }

}
resource "aws_kms_key" "this" {
  policy = data.aws_iam_policy_document.cloudtrail.json
}
resource "aws_organizations_policy" "scp" {
  content = <<EOF
{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":${jsonencode(local.accts)}}}}]}
EOF
}
