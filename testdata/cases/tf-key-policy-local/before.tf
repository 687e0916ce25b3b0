variable "statements" {
  type    = list(any)
  default = []
}

resource "aws_kms_key_policy" "this" {
  role   = "r"
  policy = local.policy
}

locals {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = var.statements
  })
}
