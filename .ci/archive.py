"""Packs a built command for one system: `python .ci/archive.py FOLDER_OF_THE_BINARY TARGET OUT`.

The archive holds the command, its completions and manual pages, and the licences of everything inside it: of thalweg, of the
embedded data, and of all crates (by `cargo about`, which has to be installed).
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SHELLS = ["bash", "zsh", "fish", "powershell", "elvish"]


def fill(folder: Path, binary: Path, target: str) -> None:
    shutil.copy2(binary, folder)
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"]:
        shutil.copy(name, folder)
    shutil.copy("crates/thalweg-data/embed/LICENSES.md", folder / "DATA-LICENSES.md")
    about = ["cargo", "about", "generate", "--fail", "--target", target, "-c", "about.toml"]
    about += ["-m", "crates/thalweg-cli/Cargo.toml", "-o", folder / "THIRD-PARTY.md", ".ci/about.hbs"]
    subprocess.run(about, check=True)
    (folder / "completions").mkdir()
    for shell in SHELLS:
        text = subprocess.run([binary, "completions", shell], check=True, stdout=subprocess.PIPE).stdout
        (folder / "completions" / f"thalweg.{shell}").write_bytes(text)
    subprocess.run([binary, "man", folder / "man"], check=True)


def main(built: str, target: str, out: str) -> None:
    windows = "windows" in target
    binary = Path(built).resolve() / ("thalweg.exe" if windows else "thalweg")
    name = f"thalweg-{target}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        fill(folder, binary, target)
        Path(out).mkdir(parents=True, exist_ok=True)
        print(shutil.make_archive(str(Path(out) / name), "zip" if windows else "gztar", scratch, name))


if __name__ == "__main__":
    main(*sys.argv[1:])
