resource "aws_kms_key" "trail" {
  policy = templatefile("${path.module}/key-policy.json.tpl", { account = var.account })
}
