resource "aws_kms_key" "this" {
  policy = templatefile("${path.module}/key.json.tpl", {
    accounts = local.accts
  })
}
locals {
  accts = ["111111111111"]
}
