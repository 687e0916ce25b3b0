data "aws_iam_policy_document" "reader" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.trail.arn]
  }
}
