"""Whether the crates can be published: what crates.io and docs.rs ask of a manifest, what a package holds, how large it is.

`cargo package` checks the rest before a release. It asks the registry about each crate, which takes minutes.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

LIMIT = 10 * 2**20  # of crates.io, compressed; here of the files as they are


def output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def of_manifest(package: dict, repository: str, published: set[str]) -> list[str]:
    found = [f"no {key}" for key in ["description", "license", "readme", "rust_version"] if not package[key]]
    if package["repository"] != repository:
        found.append(f"the repository is {package['repository']}, that of the workspace is {repository}")
    for key in ["keywords", "categories"]:
        if not 1 <= len(package[key]) <= 5:
            found.append(f"{len(package[key])} {key}, of which crates.io takes 1 to 5")
    found += [f"the keyword '{word}' has more than 20 characters" for word in package["keywords"] if len(word) > 20]
    library = any("lib" in target["kind"] for target in package["targets"])
    docs = ((package["metadata"] or {}).get("docs") or {}).get("rs") or {}
    if library and len(docs.get("targets", [])) != 1:
        found.append("[package.metadata.docs.rs] has to name one target")
    for name in set(docs.get("features", [])) - set(package["features"]):
        found.append(f"docs.rs is to enable the feature '{name}', which is not there")
    for other in package["dependencies"]:
        if "path" not in other:
            continue
        dropped = other["kind"] == "dev" and other["req"] == "*"
        if not dropped and (other["name"] not in published or other["req"] == "*"):
            found.append(f"depends on {other['name']}, which is not published or has no version")
    return found


def of_files(folder: Path, files: list[str], size: int) -> list[str]:
    needed = ["README.md", "LICENSE-MIT", "LICENSE-APACHE"]
    if any(name.startswith("embed/") for name in files):
        needed.append("embed/LICENSES.md")
    found = [f"{name} is not in the package" for name in needed if name not in files]
    found += [f"{name} is a link to nothing" for name in needed if not (folder / name).exists()]
    if size > LIMIT:
        found.append(f"{size} bytes, more than the {LIMIT} that crates.io takes")
    return found


def of_addresses(repository: str) -> list[str]:
    """Addresses of this project in texts, which cannot take them from the manifest, and files that they name."""
    address = re.compile(r"(https://github\.com/[\w.-]+/thalweg)\b(?:/(?:blob|tree)/main/([\w./-]*[\w/]))?")
    texts = output("git", "ls-files", "*.md", "*.yml", "*.cff", "*.rs", "*.py").split()
    found = []
    for text in filter(Path.is_file, map(Path, texts)):
        for other, path in set(address.findall(text.read_text(encoding="utf-8"))):
            if other != repository:
                found.append(f"{text}: {other} is not {repository}")
            if not Path(path).exists():
                found.append(f"{text}: {path} is not in the repository")
    return found


def main() -> None:
    workspace = json.loads(output("cargo", "metadata", "--no-deps", "--format-version", "1"))
    packages = [package for package in workspace["packages"] if package["publish"] != []]
    published = {package["name"] for package in packages}
    repository = re.search(r'^repository = "(.*)"', Path("Cargo.toml").read_text(encoding="utf-8"), re.M)[1]
    problems = of_addresses(repository)
    for package in packages:
        folder = Path(package["manifest_path"]).parent
        command = ["cargo", "package", "--list", "--allow-dirty", "--exclude-lockfile", "-p", package["name"]]
        files = output(*command).split("\n")
        size = sum((folder / name).stat().st_size for name in files if name and (folder / name).is_file())
        print(f"{package['name']:18} {len(files) - 1:4} files {size / 1000:7.0f} kB")
        found = of_manifest(package, repository, published) + of_files(folder, files, size)
        problems += [f"{package['name']}: {problem}" for problem in found]
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
