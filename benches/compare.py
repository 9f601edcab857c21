"""Runs a bench and its Python peer in turn and prints their medians and the ratios.

    pip install -r benches/peers/requirements.txt
    python benches/compare.py nice_step [rounds]

Both get an allocator that keeps large blocks: thalweg mimalloc, the peer glibc with raised thresholds.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RETAIN = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "67108864",
}


def last_json(command, **extra):
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE, env={**os.environ, **extra})
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    name = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    bench = ["cargo", "bench", "--quiet", "-p", "thalweg-benches", "--bench", name]
    peer = [sys.executable, str(HERE / "peers" / f"{name}.py")]
    subprocess.run([*bench, "--no-run"], check=True, cwd=HERE)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(last_json(bench))
        theirs.append(last_json(peer, **RETAIN))
    print(f"{'part':12} {'thalweg ms':>22} {'peer ms':>22} {'ratio':>18}")
    for part in ours[0]:
        a, b = [run[part] for run in ours], [run[part] for run in theirs]
        ratios = [x / y for x, y in zip(a, b)]
        cells = [f"{statistics.median(v):.2f} ({min(v):.2f}–{max(v):.2f})" for v in (a, b, ratios)]
        print(f"{part:12} {cells[0]:>22} {cells[1]:>22} {cells[2]:>18}")


main()
