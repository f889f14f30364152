#!/usr/bin/env python3
"""Prints what one operation of the codecs and of the querier costs, as a Markdown table, and what a
group and a host take in memory.

A "hot" group is one of 64, whose memory the processor still has at hand; "any" group is one of all
in a random order: what it costs more is the price of cache misses.

Time is the processor's, the median and the largest of several runs. Instructions are counted by
valgrind: the difference between two runs of known length, which leaves the operation alone."""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
SHORT_RUN, LONG_RUN = 1000, 11000


def timings(program, repetitions):
    """Per benchmark its runs, in the order in which they were defined."""
    done = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.1",
                           f"--benchmark_repetitions={repetitions}"],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    runs = {}
    for run in json.loads(done.stdout)["benchmarks"]:
        if run["run_type"] == "iteration":
            runs.setdefault(run["run_name"], []).append(run)
    return runs


def instructions(program, name, iterations):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program,
                           f"--benchmark_filter=^{name}(/|$)"], check=True, capture_output=True, text=True,
                          env={**os.environ, "BENCH_ITERATIONS": str(iterations)})
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="runs per operation (default %(default)s)")
    options = parser.parse_args()
    program = REPOSITORY / "build/bench/bench/micro_bench"
    has_valgrind = shutil.which("valgrind")
    if not has_valgrind:
        print("Instructions are not counted: valgrind is not installed.\n")
    print("| operation | ns, median | ns, maximum | instructions | allocations |")
    print("|---|---:|---:|---:|---:|")
    memory = {}
    for name, runs in timings(program, options.repeat).items():
        if "allocations" not in runs[0]:
            memory[name.replace("_memory_in_", ", ").replace("_", " ").split("/")[0]] = {key: value for key, value in runs[0].items() if key.startswith("bytes")}
            continue
        times = [run["cpu_time"] for run in runs]
        counted = "-"
        if has_valgrind:
            difference = instructions(program, name, LONG_RUN) - instructions(program, name, SHORT_RUN)
            counted = f"{difference / (LONG_RUN - SHORT_RUN):.0f}"
        print(f"| {name.replace('_', ' ')} | {statistics.median(times):.0f} | {max(times):.0f} | {counted}"
              f" | {max(run['allocations'] for run in runs):.0f} |", flush=True)
    print("\n| memory | " + " | ".join(memory) + " |")
    print("|---|" + "---:|" * len(memory))
    for what in next(iter(memory.values()), {}):
        print(f"| {what} | " + " | ".join(f"{values[what]:.0f}" if what in values else "-" for values in memory.values()) + " |")


if __name__ == "__main__":
    main()
