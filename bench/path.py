#!/usr/bin/env python3
"""Counts the instructions that a report takes from the daemon's socket to its table; prints Markdown.

valgrind counts them: the difference between runs of known length, which leaves the reports alone. The figures do not
depend on how fast or how busy the machine is, and the kernel has no part in them."""

import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = REPOSITORY / "build/bench/bench/receive_path"
VERSIONS = {"2": "IGMPv2", "3": "IGMPv3", "mld1": "MLDv1", "mld2": "MLDv2"}
SIZES = 1000, 100_000


def instructions(version, groups, packets):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM, "--version", version,
                           "--groups", str(groups), "--packets", str(packets)],
                          check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.parse_args()
    if not shutil.which("valgrind"):
        parser.error("no valgrind: tools/install-packages test installs it")
    wanted = [(version, groups, rounds * groups) for version in VERSIONS for groups in SIZES for rounds in range(3)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counted = dict(zip(wanted, pool.map(lambda run: instructions(*run), wanted)))
    names = [f"{what}, {groups:,} groups" for what in ("join", "refresh") for groups in SIZES]
    print("| | " + " | ".join(names) + " |\n|---|" + "---:|" * len(names))
    for version, name in VERSIONS.items():
        cells = [(counted[version, groups, (n + 1) * groups] - counted[version, groups, n * groups]) / groups
                 for n in (0, 1) for groups in SIZES]
        print(f"| {name} | " + " | ".join(f"{cell:,.0f}" for cell in cells) + " |")


if __name__ == "__main__":
    main()
