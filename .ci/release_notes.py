"""The section of one version in CHANGELOG.md, as the notes of its release.

>>> notes("# Changes\\n\\n## 0.2.0, 2027-03-01\\nNew.\\n\\n## 0.1.0, 2027-01-01\\nFirst.\\n", "0.2.0")
'New.'
>>> notes("## 0.1.0, 2027-01-01\\nFirst.\\n", "0.1.0")
'First.'
>>> notes("## Unreleased, 0.1.0\\nFirst.\\n", "0.1.0")
Traceback (most recent call last):
SystemExit: CHANGELOG.md has no section '## 0.1.0, DATE'
"""

import re
import sys
from pathlib import Path


def notes(changes: str, version: str) -> str:
    section = re.search(rf"^## {re.escape(version)}, .*?\n(.*?)(?=^## |\Z)", changes, re.M | re.S)
    if section is None:
        sys.exit(f"CHANGELOG.md has no section '## {version}, DATE'")
    return section[1].strip()


if __name__ == "__main__":
    print(notes(Path("CHANGELOG.md").read_text(encoding="utf-8"), sys.argv[1]))
