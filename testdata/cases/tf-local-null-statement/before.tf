locals {
  defaults = { Statement = null }
}

resource "aws_s3_bucket" "b" {
  bucket = "logs"
}
