resource "aws_kms_key" "trail" {
  policy = null
}
