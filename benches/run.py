#!/usr/bin/env python3
"""`make bench`: ctpolicy beside its peers, on the same files, in one run.

run.py [SECTION…]: one, read, start, accounts, many. Without a section, all of
them, and benches/RESULTS.md is written anew. CTPOLICY names another program
to measure in the place of the one that was built.
"""

import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import policies
from measure import median, peak, ratio, side_by_side

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
# What is measured, as it is installed: a copy. The kernel keeps a file that was
# just linked in smaller pieces, and takes longer to start it.
PROGRAMS = tempfile.TemporaryDirectory(prefix="bench-bin-", dir=RELEASE.parent)


def installed(path, name):
    return shutil.copy(path, pathlib.Path(PROGRAMS.name) / name)


CTPOLICY = installed(os.environ.get("CTPOLICY", RELEASE / "ctpolicy"), "ctpolicy")
FLOOR = installed(RELEASE.parent / "floor", "floor")
ACCOUNT = "999999999999"
KEY = policies.KEY
MERGE = (
    f'(.Statement[] | select(.Sid == "{policies.SID}") | .Condition.StringLike["{KEY}"])'
    f' |= ((if type == "array" then . else [.] end) + ["{policies.arn(ACCOUNT)}"] | unique)'
)
PYTHON = f"""
import json, os, sys
name = sys.argv[1]
policy = json.load(open(name))
for statement in policy["Statement"]:
    if statement.get("Sid") == {policies.SID!r}:
        values = statement["Condition"]["StringLike"][{KEY!r}]
        if {policies.arn(ACCOUNT)!r} not in values:
            values.append({policies.arn(ACCOUNT)!r})
with open(name + ".tmp", "w") as file:
    json.dump(policy, file, indent=2)
os.replace(name + ".tmp", name)
"""

lines = []


def say(text=""):
    print(text, flush=True)
    lines.append(text)


def table(headings, rows):
    say("| " + " | ".join(headings) + " |")
    say("|" + " --- |" * len(headings))
    for row in rows:
        say("| " + " | ".join(row) + " |")
    say()


def ms(seconds):
    return f"{seconds * 1e3:.2f} ms"


def compare(commands, base, times, before=lambda name: None):
    """A table of times, each beside those of one of the commands."""
    runs = side_by_side(commands, times, before)
    rows = []
    for name, own in runs.items():
        rows.append([
            name,
            ms(median(own, "wall")),
            f"{ratio(own, runs[base], 'wall'):.2f}",
            ms(median(own, "cpu")),
            f"{ratio(own, runs['jq'], 'cpu'):.2f}" if "jq" in runs else "",
        ])
    table(["", "wall", f"of {base}", "CPU", "of jq" if "jq" in runs else ""], rows)


def two_sizes():
    """The texts of a small policy and of one near KMS's limit."""
    return (write(policies.of_size(size, write))
            for size, write in ((3 * 1024, policies.laid_out), (30 * 1024, policies.compact)))


def one(folder):
    say("## One file\n")
    say(f"`ctpolicy add-account {ACCOUNT} FILE --yes`, and the same edit of JSON by others into a "
        "temporary file and `mv`, or `os.replace`. Aim: of the floor's wall time at most 1.46 "
        "times for 3 kB of JSON, 1.60 for 30 kB and 1.75 for a small file in Terraform or YAML; "
        "and less CPU than jq.\n")
    small, large = two_sizes()
    few = policies.of_size(2 * 1024)
    for extension, text in (("json", small), ("json", large), ("tf", policies.terraform(few)),
                            ("yaml", policies.yaml(few))):
        path = folder / f"policy.{extension}"
        file = str(path)
        commands = {
            "floor": [FLOOR, file],
            "ctpolicy": [CTPOLICY, "add-account", ACCOUNT, file, "--yes"],
        }
        if extension == "json":
            commands["Python"] = [sys.executable, "-c", PYTHON, file]
            for tool in filter(shutil.which, ("jq", "yq")):
                script = f'{tool} "$1" "$2" > "$2.tmp" && mv "$2.tmp" "$2"'
                commands[tool] = ["sh", "-c", script, "sh", MERGE, file]
        say(f".{extension}, {len(text):,} bytes:\n")
        compare(commands, "floor", 40, lambda _: path.write_text(text))


def read(folder):
    say("## Read only\n")
    say("Aim: at most 1.5 times the wall time of `cat FILE` into a pipe, and less CPU than "
        "jq.\n")
    for text in two_sizes():
        path = folder / "read.json"
        path.write_text(text)
        file = str(path)
        say(f"{len(text):,} bytes:\n")
        compare({
            "cat": ["cat", file],
            "floor --read": [FLOOR, "--read", file],
            "check": [CTPOLICY, "check", policies.account(1), file],
            "add-account --check": [CTPOLICY, "add-account", ACCOUNT, file, "--check"],
            "list-accounts": [CTPOLICY, "list-accounts", file],
            "jq": ["jq", f'.. | objects | .["{KEY}"]? // empty', file],
        }, "cat", 100)


def start(_):
    say("## Start-up\n")
    kms = installed(RELEASE / "ctpolicy-kms", "ctpolicy-kms")
    dynamic = installed(RELEASE.parent / "dynamic" / "release" / "ctpolicy", "ctpolicy-dynamic")
    told = subprocess.run([CTPOLICY, "--version"], capture_output=True, text=True)
    compare({
        "floor without a file": [FLOOR],
        "--version": [CTPOLICY, "--version"],
        "--help": [CTPOLICY, "--help"],
        "--version, dynamic": [dynamic, "--version"],
        "ctpolicy-kms": [kms, told.stdout.split()[-1], "--version"],
        "jq": ["jq", "-n", "1"],
    }, "floor without a file", 100)
    say("The programs, stripped:\n")
    programs = {"ctpolicy": CTPOLICY, "ctpolicy, dynamic": dynamic, "ctpolicy-kms": kms, "floor": FLOOR}
    table(["", "bytes"], [[name, f"{os.path.getsize(path):,}"] for name, path in programs.items()])


def accounts(folder):
    say("## Many accounts\n")
    say("CPU time of one run. Aim: at most 12 times as long for 10 times the accounts. Half of "
        "them are added to the other half; every second one is removed; a list is synced with "
        "one of the same length, in which every second one is another.\n")
    commands, texts = {}, {}
    for extension, write in policies.SYNTAXES.items():
        for verb in ("add-account", "remove-account", "sync-accounts"):
            for count in (70, 700):
                own = [policies.account(n) for n in range(count)]
                half, others = own[::2], [policies.account(n) for n in range(count, count * 3 // 2)]
                old, asked = {"add-account": (half, own[1::2]), "remove-account": (own, half),
                              "sync-accounts": (own, half + others)}[verb]
                path, asks = folder / f"{verb}-{count}.{extension}", folder / f"{verb}-{count}"
                asks.write_text("\n".join(asked))
                name = (f".{extension}", verb, count)
                texts[name] = (path, write(old))
                commands[name] = [CTPOLICY, verb, "--accounts-from", str(asks), str(path), "--yes"]
    runs = side_by_side(commands, 40, lambda name: texts[name][0].write_text(texts[name][1]))
    rows = []
    for syntax, verb, _ in list(runs)[::2]:
        small, large = runs[syntax, verb, 70], runs[syntax, verb, 700]
        times = f"{ratio(large, small, 'cpu'):.1f}"
        rows.append([syntax, verb, ms(median(small, "cpu")), ms(median(large, "cpu")), times])
    table(["", "", "70", "700", "times"], rows)
    say("`check` of 640 accounts on the largest policy that KMS takes, 32,768 bytes, of each shape. "
        "Aim: less than 20 ms.\n")
    commands = {}
    for shape, make in policies.SHAPES.items():
        path = folder / f"{len(commands)}.json"
        path.write_text(policies.largest(make))
        for name, first in (("in the list", 0), ("not in it", 5000)):
            asks = folder / name
            asks.write_text("\n".join(policies.account(first + n) for n in range(640)))
            commands[shape, name] = [CTPOLICY, "check", "--accounts-from", str(asks), str(path)]
    runs = side_by_side(commands, 5)
    rows = [[shape, ms(median(own, "cpu")), ms(median(runs[shape, "not in it"], "cpu"))]
            for (shape, name), own in runs.items() if name == "in the list"]
    table(["", "in the list", "not in it"], rows)


def many(folder, count=10_000):
    say(f"## {count:,} files in one call\n")
    say("Aim: at most half the wall time of the floor's own loop, and at most 200 MiB.\n")
    text = policies.laid_out(policies.of_size(3 * 1024))
    files = [str(folder / f"many-{number:05}.json") for number in range(count)]

    def before(_):
        for file in files:
            with open(file, "w") as out:
                out.write(text)
        os.sync()

    commands = {
        "floor": [FLOOR, *files],
        "ctpolicy": [CTPOLICY, "add-account", ACCOUNT, *files, "--yes"],
        "ctpolicy --check": [CTPOLICY, "add-account", ACCOUNT, *files, "--check"],
    }
    rows = []
    runs = side_by_side(commands, 3, before)
    for name, own in runs.items():
        before(name)
        wall, cpu = (f"{median(own, what):.2f} s" for what in ("wall", "cpu"))
        of_floor = f"{ratio(own, runs['floor'], 'wall'):.2f}"
        rows.append([name, wall, of_floor, cpu, f"{peak(commands[name]) / 2**20:.1f} MiB"])
    table(["", "wall", "of floor", "CPU", "peak memory"], rows)


SECTIONS = {"one": one, "read": read, "start": start, "accounts": accounts, "many": many}


def machine():
    def told(*argv):
        return subprocess.run(argv, capture_output=True, text=True).stdout.strip()

    names = (line.split(":", 1)[1].strip() for line in told("lscpu").splitlines() if "Model name" in line)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    say(f"{next(names, '?')}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}; {told('jq', '--version')}, {told('rustc', '--version')}, Python "
        f"{platform.python_version()}; files on {told('stat', '-f', '-c', '%T', ROOT / 'target')}.\n")


def main():
    wanted = sys.argv[1:] or list(SECTIONS)
    say("# Speed\n")
    say("Written by `make bench`. The commands of a table run in turn, so that other load on "
        "the machine meets all of them; times are medians, and a ratio is the median of the "
        "ratios of neighbouring runs. CPU time is that of the program and of the system for it: "
        "which of the two it was, a kernel that looks at every tick cannot tell of a few "
        "milliseconds. `ctpolicy` is what `make` builds, linked statically on Linux, and so is "
        "the floor, an ordinary Rust program; *dynamic* is what `cargo install` builds. The "
        "programs are run as they were just built, and so as they are just installed: the kernel "
        "has them in large pieces. Once it has to read them page by page, as after a boot, a "
        "larger program starts slower.\n")
    machine()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "target") as folder:
        for name in wanted:
            SECTIONS[name](pathlib.Path(folder))
    if not sys.argv[1:]:
        (ROOT / "benches" / "RESULTS.md").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
