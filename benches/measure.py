"""Runs commands, and tells what they took."""

import os
import re
import statistics
import subprocess
import sys
import time


class Run:
    """Wall and CPU time in seconds."""

    def __init__(self, wall, cpu):
        self.wall, self.cpu = wall, cpu


def run(argv):
    """One run, its output into a pipe that is read."""
    reader, writer = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_DUP2, writer, 2)]
    start = time.perf_counter()
    child = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    os.close(writer)
    output = b""
    while chunk := os.read(reader, 1 << 20):
        output = chunk
    os.close(reader)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    # 1 is an answer; what is refused is no measurement.
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{argv[:2]} … {argv[-2:]}: {output.decode()}")
    return Run(wall, usage.ru_utime + usage.ru_stime)


def side_by_side(commands, times, before=lambda name: None):
    """Runs each of the commands so many times, in turn: other load on the
    machine meets all of them. Returns the runs by the command's name."""
    runs = {name: [] for name in commands}
    for number in range(times + 1):
        for name, argv in commands.items():
            before(name)
            one = run(argv)
            # The first one fills caches.
            if number:
                runs[name].append(one)
    return runs


def median(runs, what):
    return statistics.median(getattr(one, what) for one in runs)


def ratio(runs, base, what):
    """The median of the ratios of neighbouring runs: what the machine does
    beside hits both of a pair."""
    pairs = zip(runs, base)
    return statistics.median(getattr(a, what) / max(getattr(b, what), 1e-9) for a, b in pairs)


def peak(argv):
    """The peak memory of one run, in bytes. Measured by a small program: the
    kernel counts what a process was before it became another."""
    told = subprocess.run(["/usr/bin/time", "-f", "peak %M", *argv], capture_output=True, text=True)
    return int(re.findall(r"^peak (\d+)$", told.stderr, re.M)[-1]) * 1024
