#!/usr/bin/env python3
"""`make bench`: ctpolicy beside its peers, on the same files, in one run.

run.py [SECTION…]: one, read, start, many, scale, covering, micro. Without a
section, all of them, and benches/RESULTS.md is written anew.
"""

import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import policies
from measure import exponent, median, peak, ratio, run, side_by_side

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
DYNAMIC_TARGET = RELEASE.parent / "dynamic"
# What is measured, as it is installed: a copy. The kernel keeps a file that was
# just linked in smaller pieces, and takes longer to start it.
PROGRAMS = tempfile.TemporaryDirectory(prefix="bench-bin-", dir=RELEASE.parent)


def installed(path, name):
    return shutil.copy(path, pathlib.Path(PROGRAMS.name) / name)


CTPOLICY = installed(RELEASE / "ctpolicy", "ctpolicy")
KMS = installed(RELEASE / "ctpolicy-kms", "ctpolicy-kms")
# As `cargo install` links it.
DYNAMIC = installed(DYNAMIC_TARGET / "release" / "ctpolicy", "ctpolicy-dynamic")
FLOOR = installed(RELEASE / "examples" / "floor", "floor")
STATIC_FLOOR = installed(RELEASE.parent / "floor-static", "floor-static")
EDIT = installed(RELEASE / "examples" / "edit", "edit")
VERSION = subprocess.run([CTPOLICY, "--version"], capture_output=True, text=True).stdout.split()[-1]
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


def mib(size):
    return f"{size / 2**20:.1f} MiB"


def size_name(size):
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size // 1024} KiB"


def with_tool(tool, commands):
    return commands if shutil.which(tool) else {}


def compare(commands, base, times, before=lambda name: None):
    """A table of times, each beside those of one of the commands."""
    runs = side_by_side(commands, times, before)
    rows = []
    for name in commands:
        own = runs[name]
        rows.append([
            name,
            ms(median(own, "wall")),
            f"{ratio(own, runs[base], 'wall'):.2f}",
            ms(median(own, "cpu")),
            f"{ratio(own, runs['jq'], 'cpu'):.2f}" if "jq" in runs else "",
        ])
    table(["", "wall", f"of {base}", "CPU", "of jq"], rows)


def one(folder):
    say("## One file\n")
    say(f"`ctpolicy add-account {ACCOUNT} FILE --yes`, and the same edit by others into a "
        "temporary file and `mv`, or `os.replace`. Aim: at most 1.2 times the floor's wall "
        "time, and less CPU than jq.\n")
    for size in (3 * 1024, 30 * 1024):
        text = policies.of_size(size, "list" if size < 10_000 else "compact")
        path = folder / f"policy-{size}.json"

        def before(_):
            path.write_text(text)

        file = str(path)
        commands = {
            "floor": [FLOOR, file],
            "ctpolicy": [CTPOLICY, "add-account", ACCOUNT, file, "--yes"],
            "ctpolicy, dynamic": [DYNAMIC, "add-account", ACCOUNT, file, "--yes"],
            "floor, static": [STATIC_FLOOR, file],
            "jq": ["sh", "-c", 'jq "$1" "$2" > "$2.tmp" && mv "$2.tmp" "$2"', "sh", MERGE, file],
            "Python": [sys.executable, "-c", PYTHON, file],
        }
        commands |= with_tool("yq", {
            "yq": ["sh", "-c", 'yq "$1" "$2" > "$2.tmp" && mv "$2.tmp" "$2"', "sh", MERGE, file],
        })
        say(f"{len(text):,} bytes:\n")
        compare(commands, "floor", 40, before)


def read(folder):
    say("## Read only\n")
    say("Aim: at most 1.5 times the wall time of `cat FILE` into a pipe, and less CPU than "
        "jq.\n")
    for size in (3 * 1024, 30 * 1024):
        text = policies.of_size(size, "list" if size < 10_000 else "compact")
        path = folder / f"read-{size}.json"
        path.write_text(text)
        file = str(path)
        say(f"{len(text):,} bytes:\n")
        compare({
            "cat": ["cat", file],
            "floor --read": [FLOOR, "--read", file],
            "check": [CTPOLICY, "check", policies.account(1), file],
            "add-account --check": [CTPOLICY, "add-account", ACCOUNT, file, "--check"],
            "list-accounts": [CTPOLICY, "list-accounts", file],
            "check, dynamic": [DYNAMIC, "check", policies.account(1), file],
            "jq": ["jq", f'.. | objects | .["{KEY}"]? // empty', file],
        }, "cat", 100)


def start(folder):
    say("## Start-up\n")
    compare({
        "floor without a file": [FLOOR],
        "--version": [CTPOLICY, "--version"],
        "--help": [CTPOLICY, "--help"],
        "--version, dynamic": [DYNAMIC, "--version"],
        "ctpolicy-kms": [KMS, VERSION, "--version"],
        "jq": ["jq", "-n", "1"],
    }, "floor without a file", 100)
    say("The programs, stripped:\n")
    programs = (("ctpolicy", CTPOLICY), ("ctpolicy, dynamic", DYNAMIC), ("ctpolicy-kms", KMS),
                ("floor", FLOOR), ("floor, static", STATIC_FLOOR))
    table(["", "bytes"], [[name, f"{os.path.getsize(path):,}"] for name, path in programs])


def many(folder, count=10_000, jq_count=300):
    say(f"## {count:,} files in one call\n")
    say("Aim: at most 1.1 times the floor's own loop, and flat memory. "
        f"jq's loop is run over {jq_count} of the files, and counted up; it syncs nothing.\n")
    text = policies.of_size(3 * 1024)
    files = [str(folder / f"many-{number:05}.json") for number in range(count)]

    def before(_):
        for file in files:
            with open(file, "w") as out:
                out.write(text)
        os.sync()

    loop = 'q=$1; shift; for f; do jq "$q" "$f" > "$f.tmp" && mv "$f.tmp" "$f"; done'
    commands = {
        "floor": [FLOOR, *files],
        "ctpolicy": [CTPOLICY, "add-account", ACCOUNT, *files, "--yes"],
        "ctpolicy --check": [CTPOLICY, "add-account", ACCOUNT, *files, "--check"],
        "jq": ["sh", "-c", loop, "sh", MERGE, *files[:jq_count]],
    }
    runs = side_by_side(commands, 3, before)
    rows = []
    for name, own in runs.items():
        times = count / jq_count if name == "jq" else 1
        wall, cpu = (median(own, what) * times for what in ("wall", "cpu"))
        of_floor = ratio(own, runs["floor"], "wall") * times
        rows.append([name, f"{wall:.2f} s", f"{of_floor:.2f}", f"{cpu:.2f} s"])
    table(["", "wall", "of floor", "CPU"], rows)
    rows = []
    for some in (count // 100, count // 10, count):
        before(None)
        written = peak(commands["ctpolicy"][:3] + files[:some] + ["--yes"])
        rows.append([f"{some:,}", mib(written), mib(peak([FLOOR, *files[:some]]))])
    table(["files", "peak memory of ctpolicy", "of the floor"], rows)
    for file in files:
        os.unlink(file)


def steps(argv):
    told = run(argv, keep=True)
    if told.status:
        sys.exit(f"{argv}: {told.output}")
    return dict((name, float(value)) for name, value in map(str.split, told.output.splitlines()))


STEPS = ["read", "parse", "plan", "apply", "diff", "write"]


def scale(folder, largest=62 * 2**20):
    say("## Scale\n")
    say("Aim: the fitted exponent of time by size at most 1.05, peak memory at most 6 times "
        "the file. Beyond KMS's 32,768 bytes the command refuses the edit, so "
        "`benches/edit.rs` runs its line without that rule. Times in milliseconds, each the "
        "least of three runs.\n")
    list_file, path = folder / "accounts", folder / "scale.json"
    argv = [EDIT, str(list_file), str(path)]

    def measured(text):
        best = None
        for _ in range(3):
            path.write_text(text)
            told = steps(argv)
            if best is None or sum(told.values()) < sum(best.values()):
                best = told
        path.write_text(text)
        return best, peak(argv)

    for kind in ("list", "statements", "compact"):
        say(f"One account into policies of one size after the other ({kind}):\n")
        list_file.write_text(policies.accounts(1))
        rows, points = [], []
        size = 1024
        while size <= largest * 1.04:
            text = policies.of_size(size, kind)
            told, most = measured(text)
            length = len(text)
            total = sum(told[step] for step in STEPS)
            worked = total - told["write"]
            if length >= 64 * 1024:
                points.append((length, worked))
            rows.append([
                f"{length:,}", *(f"{told[step]:.1f}" for step in STEPS), mib(most),
                f"{most / length:.1f}",
            ])
            size = largest if size * 4 > largest and size < largest else size * 4
        table(["bytes", *STEPS, "peak", "of the file"], rows)
        say(f"Exponent from 64 KiB on, without the write: {exponent(points):.3f}\n")
    say("So many accounts merged into one policy of 3 kB:\n")
    text = policies.of_size(3 * 1024)
    rows, points = [], []
    count = 1
    while count <= 100_000:
        list_file.write_text(policies.accounts(count))
        told, most = measured(text)
        length = path.stat().st_size
        worked = sum(told[step] for step in STEPS) + told["accounts"] - told["write"]
        if count >= 100:
            points.append((count, worked))
        rows.append([
            f"{count:,}", f"{length:,}", *(f"{told[step]:.1f}" for step in STEPS), mib(most),
            f"{most / length:.1f}",
        ])
        count *= 10
    table(["accounts", "bytes then", *STEPS, "peak", "of that file"], rows)
    say(f"Exponent from 100 accounts on, without the write: {exponent(points):.3f}\n")


def covering(folder):
    say("## Covering patterns\n")
    say("Accounts against wildcard values in the list. Aim: 100,000 against 10,000 in under a "
        "second, the plan alone.\n")
    list_file, path = folder / "accounts", folder / "covering.json"
    rows = []
    for accounts, values in ((1_000, 100), (10_000, 1_000), (100_000, 10_000)):
        list_file.write_text(policies.accounts(accounts))
        path.write_text(policies.text(policies.policy(policies.wildcards(values))))
        told = steps([EDIT, str(list_file), str(path)])
        rows.append([f"{accounts:,}", f"{values:,}", f"{told['plan']:.1f} ms"])
    table(["accounts", "wildcard values", "plan"], rows)
    text = policies.text(policies.policy([policies.arn(policies.account(n)) for n in range(10_000)]))
    path.write_text(text)
    rows = []
    for argv in (["list-accounts", str(path)],
                 ["check", "--accounts-from", str(list_file), str(path)],
                 ["sync-accounts", "--accounts-from", str(list_file), str(path), "--check"],
                 ["remove-account", ",".join(policies.account(n) for n in range(5_000)), str(path), "--check"]):
        told = run([CTPOLICY, *argv])
        rows.append([argv[0], ms(told.wall), str(told.status)])
    say("A policy of 10,000 accounts, of the commands (100,000 accounts asked for, 5,000 removed):\n")
    table(["", "wall", "status"], rows)


def micro(_):
    say("## In process\n")
    argv = ["cargo", "bench", "--quiet", "--locked", "--no-default-features", "--bench", "micro"]
    own = {**os.environ, "CARGO_TARGET_DIR": str(DYNAMIC_TARGET)}
    told = subprocess.run(argv, cwd=ROOT, env=own, capture_output=True, text=True)
    if told.returncode:
        sys.exit(told.stderr)
    say("By the number of values in the list (`cargo bench --bench micro`):\n")
    say("```text\n" + told.stdout.strip() + "\n```\n")


SECTIONS = {"one": one, "read": read, "start": start, "many": many, "scale": scale,
            "covering": covering, "micro": micro}


def machine():
    model = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    name = next((l.split(":", 1)[1].strip() for l in model.splitlines() if "Model name" in l), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [
        subprocess.run([tool, "--version"], capture_output=True, text=True).stdout.strip()
        for tool in ("jq", "rustc") if shutil.which(tool)
    ]
    say(f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}; {', '.join(versions)}, Python {platform.python_version()}; "
        f"files on {filesystem(ROOT / 'target')}.\n")


def filesystem(path):
    told = subprocess.run(["stat", "-f", "-c", "%T", str(path)], capture_output=True, text=True)
    return told.stdout.strip()


def main():
    wanted = sys.argv[1:] or list(SECTIONS)
    say("# Speed\n")
    say("Written by `make bench`. The commands of a table run in turn, so that other load on "
        "the machine meets all of them; times are medians, and a ratio is the median of the "
        "ratios of neighbouring runs. `ctpolicy` is what `make` builds, linked statically on "
        "Linux; *dynamic* is what `cargo install` builds. The floor is an ordinary Rust "
        "program; it is there linked statically too. The programs are run as they were just "
        "built, and so as they are just installed: the kernel has them in large pieces. Once it "
        "has to read them page by page, as after a boot, a larger program starts slower; an "
        "edit then took 1.3 and 1.4 times the floor's time here.\n")
    machine()
    target = ROOT / "target"
    with tempfile.TemporaryDirectory(prefix="bench-", dir=target) as folder:
        for name in wanted:
            SECTIONS[name](pathlib.Path(folder))
    if not sys.argv[1:]:
        (ROOT / "benches" / "RESULTS.md").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
