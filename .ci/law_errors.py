"""A table of the largest error of each law on each backend: `python3 .ci/law_errors.py FILE`.

The file is the one that the tests of laws append to, see docs/CONTRIBUTING.md. An error is relative above 1 and absolute below.

>>> lines = ["a\\tFlex\\tF64\\t1e-15\\t1e-9", "a\\tFlex\\tF64\\t3e-14\\t1e-9", "a\\tFlex\\tF32\\t2e-6\\t1e-4"]
>>> print(table(lines))
| law | Flex, F64 | Flex, F32 |
|---|---|---|
| a | 3.0e-14 (of 1e-09) | 2.0e-06 (of 1e-04) |
"""

import sys
from pathlib import Path


def table(lines: list[str]) -> str:
    worst: dict[str, dict[str, tuple[float, float]]] = {}
    columns: dict[str, None] = {}
    for line in lines:
        law, device, dtype, error, tolerance = line.split("\t")
        column = f"{device}, {dtype}"
        columns[column] = None
        found = (float(error), float(tolerance))
        row = worst.setdefault(law, {})
        row[column] = max(row.get(column, found), found)
    cell = lambda found: f"{found[0]:.1e} (of {found[1]:.0e})" if found else ""
    rows = [["law", *columns], ["---"] * (len(columns) + 1)]
    rows += [[law, *(cell(row.get(column)) for column in columns)] for law, row in sorted(worst.items())]
    return "\n".join("| " + " | ".join(row) + " |" if row[0] != "---" else "|" + "|".join(row) + "|" for row in rows)


if __name__ == "__main__":
    print(table(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))
