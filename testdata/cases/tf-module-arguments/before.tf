module "kms" {
  source = "terraform-aws-modules/kms/aws"

  key_statements = [{ sid = "EnableCloudTrailEncryptPermissions" }]
}
