"""Rows a second, memory and the time to the first row of `thalweg score`, on ten columns of numbers.

    cargo build --profile dist --workspace --bin thalweg
    python benches/tables.py target/dist/thalweg --rows 3000000

Timings mean something on an idle machine only: each is the best of `--runs`.
"""

import argparse
import math
import os
import random
import subprocess
import tempfile
import time

COLUMNS = 10


def write(path, rows, seed):
    """Correlated numbers, one of them skewed and one of them positive."""
    of = random.Random(0)
    mixed = [[of.gauss(0, 1) for _ in range(COLUMNS)] for _ in range(COLUMNS)]
    of = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(f"x{k}" for k in range(COLUMNS)) + "\n")
        for _ in range(rows):
            noise = [of.gauss(0, 1) for _ in range(COLUMNS)]
            row = [sum(a * b for a, b in zip(line, noise)) for line in mixed]
            row[3], row[7] = math.exp(row[3] / 4), abs(row[7])
            file.write(",".join(f"{x:.5g}" for x in row) + "\n")


def run(command):
    """Seconds, and the peak of memory in megabytes."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def first_row(command):
    """Milliseconds from the start of the process to its first row."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.readline()
        found = time.perf_counter() - start
        process.kill()
    return 1e3 * found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("thalweg")
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    binary = os.path.abspath(options.thalweg)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write("train.csv", 20_000, 1)
        write("rows.csv", options.rows, 2)
        for flow in ["affine", "spline"]:
            model = f"{flow}.safetensors"
            run([binary, "fit", "train.csv", "--flow", flow, "--steps", "500", "-o", model, "-q"])
            for only in ["nats,p-value", "nats"]:
                score = [binary, "score", model, "rows.csv", "--only", only, "-q"]
                best = min(run([*score, "-o", "scores.csv", "--force"]) for _ in range(options.runs))
                print(f"{flow} {only}: {options.rows / best[0]:,.0f} rows/s, {best[1]:.0f} MB", flush=True)
            times = sorted(first_row([binary, "score", model, "rows.csv"]) for _ in range(20))
            print(f"{flow} first row: {times[0]:.0f} to {times[-1]:.0f} ms, median {times[10]:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
