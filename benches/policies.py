"""Policies and lists of accounts of any size, the same ones at each run."""

import json

SID = "Enable CloudTrail Encrypt Permissions"
KEY = "kms:EncryptionContext:aws:cloudtrail:arn"


def account(number):
    """An account ID; consecutive numbers give IDs that look random."""
    return f"{(number * 387_420_489 + 111_111_111_111) % 10**12:012}"


def arn(account_id):
    return f"arn:aws:cloudtrail:*:{account_id}:trail/*"


def encrypt_statement(values):
    return {
        "Sid": SID,
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {"StringLike": {KEY: values}},
    }


def policy(values, others=0):
    """A key policy whose context list has these values."""
    statements = [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "Allow CloudTrail access",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:DescribeKey",
            "Resource": "*",
        },
        encrypt_statement(values),
    ]
    statements += [
        {
            "Sid": f"Allow use by application {number}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account(number)}:role/application"},
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "*",
        }
        for number in range(others)
    ]
    return {"Version": "2012-10-17", "Id": "Key policy for CloudTrail logs", "Statement": statements}


def text(value, compact=False):
    """As KMS lays a policy out, or without white space."""
    if compact:
        return json.dumps(value, separators=(",", ":"))
    return json.dumps(value, indent=2, separators=(",", " : ")) + "\n"


def of_size(size, kind="list"):
    """A policy of about this many bytes: of one long `list`, of many
    `statements`, or a long list without white space (`compact`)."""
    compact = kind == "compact"
    if kind == "statements":
        make = lambda count: policy([arn(account(0))], others=count)
    else:
        make = lambda count: policy([arn(account(n)) for n in range(count)])
    one, two = len(text(make(100), compact)), len(text(make(200), compact))
    each = (two - one) / 100
    return text(make(max(1, int((size - one) / each) + 100)), compact)


def accounts(count, start=10_000_000):
    """A list of accounts that no policy above holds."""
    return "".join(f"{account(start + number)}\n" for number in range(count))


def wildcards(count):
    """Values that each stand for the accounts of one prefix."""
    return [f"arn:aws:cloudtrail:*:{number:07}*:trail/*" for number in range(count)]
