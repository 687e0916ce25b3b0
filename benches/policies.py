"""Policies with lists of any length in each syntax, the same ones at each run."""

import bisect
import json

SID = "Enable CloudTrail Encrypt Permissions"
KEY = "kms:EncryptionContext:aws:cloudtrail:arn"


def account(number):
    """An account ID; consecutive numbers give IDs that look random."""
    return f"{(number * 387_420_489 + 111_111_111_111) % 10**12:012}"


def arn(account_id):
    return f"arn:aws:cloudtrail:*:{account_id}:trail/*"


def policy(accounts):
    """A key policy that lets these accounts encrypt."""
    return {
        "Version": "2012-10-17",
        "Id": "Key policy for CloudTrail logs",
        "Statement": [
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
            {
                "Sid": SID,
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "kms:GenerateDataKey*",
                "Resource": "*",
                "Condition": {"StringLike": {KEY: [arn(one) for one in accounts]}},
            },
        ],
    }


def laid_out(accounts):
    """As KMS lays a policy out."""
    return json.dumps(policy(accounts), indent=2, separators=(",", " : ")) + "\n"


def compact(accounts):
    """As KMS counts its bytes."""
    return json.dumps(policy(accounts), separators=(",", ":"))


def of_size(size, write=laid_out):
    """The longest list of accounts of which the policy has at most this many
    bytes."""
    one = len(write([account(0)]))
    each = (len(write([account(n) for n in range(101)])) - one) / 100
    return [account(n) for n in range(1 + int((size - one) / each))]


def largest(make):
    """The largest policy of `make(number)` values or statements that KMS takes."""
    def text(count):
        made = [make(number) for number in range(count)]
        whole = policy([])
        if isinstance(made[0], dict):
            whole["Statement"] += made
        else:
            whole["Statement"][-1]["Condition"]["StringLike"][KEY] = made
        return json.dumps(whole, separators=(",", ":"))

    most = bisect.bisect_right(range(1, 4000), 32_768, key=lambda count: len(text(count)))
    return text(most)


def statement(number):
    """One for each account."""
    return {**policy([])["Statement"][-1], "Sid": str(number),
            "Condition": {"StringLike": {KEY: arn(account(number))}}}


# The shapes that the largest policy can have.
SHAPES = {
    "an ARN each": lambda number: arn(account(number)),
    "`*:ACCOUNT:*`": lambda number: f"*:{account(number)}:*",
    "trail names": lambda number: f"arn:aws:cloudtrail:*:*:trail/n{number:03}",
    "statements": statement,
    "digits, `*1234567*`": lambda number: f"*{number * 7919 % 10**7:07}*",
    "the same digits": lambda _: "*1234567*",
    "variables": lambda number: f"arn:aws:cloudtrail:*:${{aws:SourceAccount}}:trail/n{number:03}",
    "two fields of digits": lambda number: f"arn:aws:cloudtrail:*:*{number % 97}*{number}*:trail/*",
}


def yaml(accounts):
    lines = [
        "Resources:",
        "  TrailKey:",
        "    Type: AWS::KMS::Key",
        "    Properties:",
        "      KeyPolicy:",
        '        Version: "2012-10-17"',
        "        Statement:",
    ]
    for statement in policy([])["Statement"]:
        lead = "          - "
        for name, value in statement.items():
            if name != "Condition":
                lines.append(f"{lead}{name}: {json.dumps(value)}")
                lead = "            "
    lines += [
        "            Condition:",
        "              StringLike:",
        f'                "{KEY}":',
        *(f"                  - {arn(one)}" for one in accounts),
    ]
    return "\n".join(lines) + "\n"


def document(accounts):
    """The statements as Terraform's aws_iam_policy_document has them."""
    made = []
    for statement in policy(accounts)["Statement"]:
        ((kind, who),) = statement["Principal"].items()
        one = {
            "sid": statement["Sid"],
            "actions": [statement["Action"]],
            "resources": [statement["Resource"]],
            "principals": {"type": kind, "identifiers": [who]},
        }
        for test, keys in statement.get("Condition", {}).items():
            ((variable, values),) = keys.items()
            one["condition"] = {"test": test, "variable": variable, "values": values}
        made.append(one)
    return made


def terraform(accounts):
    def body(value, indent):
        lines = []
        for name, one in value.items():
            if isinstance(one, dict):
                lines += ["", f"{indent}{name} {{", *body(one, indent + "  "), f"{indent}}}"]
            elif isinstance(one, list) and len(one) != 1:
                items = (f'{indent}  "{item}",' for item in one)
                lines += [f"{indent}{name} = [", *items, f"{indent}]"]
            else:
                lines.append(f"{indent}{name} = {json.dumps(one)}")
        return lines

    lines = ['data "aws_iam_policy_document" "trail" {']
    for statement in document(accounts):
        lines += ["  statement {", *body(statement, "    "), "  }", ""]
    return "\n".join(lines[:-1] + ["}"]) + "\n"


def terraform_json(accounts):
    data = {"aws_iam_policy_document": {"trail": {"statement": document(accounts)}}}
    return json.dumps({"data": data}, indent=2) + "\n"


# By the extension of a file.
SYNTAXES = {"json": compact, "yaml": yaml, "tf": terraform, "tf.json": terraform_json}
