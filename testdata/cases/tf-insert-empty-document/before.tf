data "aws_iam_policy_document" "key" {}

resource "aws_kms_key" "k" {
  policy = data.aws_iam_policy_document.key.json
}
