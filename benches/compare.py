"""Runs benches and their Python peers in turn and prints how many times as long the fastest peer takes.

    pip install -r benches/peers/requirements.txt
    python benches/compare.py all [rounds]
    python benches/compare.py NAME [rounds]

`all` prints one table of the workloads of `workloads.py`, NAME every figure of one bench. A round is one
run of thalweg's bench and one of each peer. Figures are medians of the rounds (smallest–largest); a ratio is
the peer's time over thalweg's in the same round, so larger is better. All get an allocator that keeps
large blocks: thalweg mimalloc, the peers glibc with raised thresholds.
"""

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from workloads import WORKLOADS

HERE = Path(__file__).resolve().parent
RETAIN = {
    "MIMALLOC_PURGE_DELAY": "-1",
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "67108864",
}


class Failed(Exception):
    pass


def last_json(command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE, env={**os.environ, **RETAIN})
    if done.returncode != 0:
        raise Failed(done.stderr.strip() or f"exit code {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def said(command):
    """The first line of what a command prints, nothing where there is no such command."""
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=HERE).stdout.partition("\n")[0]
    except FileNotFoundError:
        return ""


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor():
    """
    >>> processor() != ""
    True
    """
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return said(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.machine()
    fields = dict(line.partition(":")[::2] for line in reversed(lines) if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    vectors = [flag for flag in ("avx2", "fma", "avx512f") if flag in fields.get("flags", "").split()]
    return " ".join([fields.get("model name", platform.machine()), *vectors])


def machine(packages):
    versions = {package: version(package) for package in packages}
    there = ", ".join(f"{package} {found}" for package, found in versions.items() if found)
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    commit = said(["git", "describe", "--always", "--dirty"]) or "unknown commit"
    backend = os.environ.get("BURN_DEVICE", "flex")
    return (
        f"Machine: {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}{load}.\n"
        f"thalweg: {commit}, {backend}, {said(['rustc', '--version'])}.\n"
        f"Peers: Python {platform.python_version()}, {there}."
    )


def digits(value):
    """Three significant ones, or all before the point.

    >>> [digits(value) for value in (0.00663, 1.2, 12.345, 718.2, 2345.6)]
    ['0.00663', '1.20', '12.3', '718', '2346']
    """
    decimals = 0 if value == 0 else max(0, 2 - int(f"{value:.2e}".partition("e")[2]))
    return f"{value:.{decimals}f}"


def spread(values, unit=""):
    """
    >>> spread([3.0, 1.0, 2.0])
    '2.00 (1.00–3.00)'
    >>> spread([0.0066, 0.0067, 0.0066], "ms")
    '6.60 µs (6.60–6.70)'
    """
    middle = statistics.median(values)
    factor = 1
    if unit == "ms" and middle < 1:
        unit, factor = "µs", 1e3
    if unit == "ms" and middle >= 1000:
        unit, factor = "s", 1e-3
    middle, low, high = (digits(value * factor) for value in (middle, min(values), max(values)))
    return f"{middle}{unit and ' ' + unit} ({low}–{high})"


def peers_part(part):
    """What a peer calls it: our compiled forms stand beside its fastest way, which may be a compiled one too.

    >>> peers_part("k8 compiled sample")
    'k8 sample'
    """
    return part.replace("compiled ", "")


def row(label, ours, peers, part):
    """One line of the table, beside the peer whose median is smallest.

    >>> ours, peers = [{"a": 2.0}, {"a": 2.0}, {"a": 4.0}], {"x": [{"a": 3.0}] * 3, "y": [{"b": 1.0}] * 3}
    >>> row("A", ours, peers, "a")
    '| A | 2.00 ms (2.00–4.00) | x | 3.00 ms (3.00–3.00) | 1.50 (0.750–1.50) |'
    >>> row("B", [{"b": 4.0}], {"x": [{"a": 1.0}]}, "b")
    '| B | 4.00 ms (4.00–4.00) | none | | |'
    """
    mine, part = [run[part] for run in ours], peers_part(part)
    theirs = {peer: [run[part] for run in runs] for peer, runs in peers.items() if runs and part in runs[0]}
    if not theirs:
        return f"| {label} | {spread(mine, 'ms')} | none | | |"
    best = min(theirs, key=lambda peer: statistics.median(theirs[peer]))
    ratios = [b / a for a, b in zip(mine, theirs[best])]
    return f"| {label} | {spread(mine, 'ms')} | {best} | {spread(theirs[best], 'ms')} | {spread(ratios)} |"


def figures(peers, part):
    """
    >>> figures({"x": [{"a": 3.0}], "y": [{"b": 1.0}]}, "a")
    'x 3.00 ms (3.00–3.00), y has none'
    >>> figures({}, "a")
    'none'
    """
    there = {peer: [run[part] for run in runs if part in run] for peer, runs in peers.items()}
    each = [f"{peer} {spread(times, 'ms')}" if times else f"{peer} has none" for peer, times in there.items()]
    return ", ".join(each) or "none"


def built(names):
    """The program of each bench, by its name."""
    targets = [part for name in names for part in ("--bench", name)]
    command = ["cargo", "bench", "-p", "thalweg-benches", *targets, "--no-run", "--message-format=json"]
    done = subprocess.run(command, check=True, cwd=HERE, stdout=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    return {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}


def in_turn(name, program, peers, rounds, left_out):
    """The figures of each round, ours and each peer's. A peer that fails is left out."""
    ours, theirs = [], {peer: [] for peer in peers}
    for number in range(rounds):
        print(f"{name}, round {number + 1} of {rounds}", file=sys.stderr)
        ours.append(last_json([program]))
        for peer in list(theirs):
            print(f"  {peer}", file=sys.stderr)
            try:
                theirs[peer].append(last_json([sys.executable, f"peers/{name}.py", peer]))
            except Failed as error:
                left_out.append(f"{peer} in {name}: {str(error).splitlines()[-1]}")
                del theirs[peer]
    return ours, theirs


def main():
    name, rounds = (sys.argv[1:] + [""])[0], int((sys.argv[2:] + ["3"])[0])
    if name != "all" and name not in WORKLOADS:
        sys.exit(f"{__doc__}\nNAME is one of {', '.join(WORKLOADS)}.")
    names = list(WORKLOADS) if name == "all" else [name]
    left_out, every = [], []
    wanted = {peer.partition(".")[0]: None for name in names for peer in WORKLOADS[name][0]}
    missing = [package for package in wanted if not version(package)]
    left_out += [f"{package}: not installed" for package in missing]

    programs = built(names)
    beneath = {"jax": "flowjax" in wanted, "torchdiffeq": "flow_matching" in names}
    print(machine([*wanted, *(package for package, used in beneath.items() if used)]))
    print(f"Medians of {rounds} rounds (smallest–largest); ratio: the peer's time over thalweg's.\n")
    print("| work | thalweg | fastest peer | its time | ratio |\n|---|---|---|---|---|")
    for name in names:
        peers, labels = WORKLOADS[name]
        peers = [peer for peer in peers if peer.partition(".")[0] not in missing]
        ours, theirs = in_turn(name, programs[name], peers, rounds, left_out)
        if len(names) == 1:
            labels = labels | {part: part for part in ours[0] if part not in labels}
        for part, label in labels.items():
            print(row(label, ours, theirs, part), flush=True)
            if part == peers_part(part):
                every.append(f"- {name}, {part}: " + figures(theirs, part))
    print("\nEvery peer:\n\n" + "\n".join(every))
    print("\nLeft out: " + ("; ".join(left_out) or "none") + ".")


if __name__ == "__main__":
    main()
