"""Prints the JSON form of each HCL file named, one a line, by python-hcl2."""

import json
import sys

import hcl2


def values(node):
    """The node without what python-hcl2 says of comments and lines."""
    if isinstance(node, dict):
        return {k: values(v) for k, v in node.items() if not k.startswith("__")}
    if isinstance(node, list):
        return [values(item) for item in node]
    return node


for name in sys.argv[1:]:
    with open(name, encoding="utf-8-sig") as file:
        print(json.dumps(values(hcl2.load(file))))
