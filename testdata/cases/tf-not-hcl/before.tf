resource "aws_kms_key" "a" {
  policy = [
}
