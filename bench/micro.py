#!/usr/bin/env python3
"""Prints what one operation of the codecs and of the querier costs, as a Markdown table.

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
    for name, runs in timings(program, options.repeat).items():
        times = [run["cpu_time"] for run in runs]
        counted = "-"
        if has_valgrind:
            difference = instructions(program, name, LONG_RUN) - instructions(program, name, SHORT_RUN)
            counted = f"{difference / (LONG_RUN - SHORT_RUN):.0f}"
        print(f"| {name.replace('_', ' ')} | {statistics.median(times):.0f} | {max(times):.0f} | {counted}"
              f" | {max(run['allocations'] for run in runs):.0f} |", flush=True)


if __name__ == "__main__":
    main()
