"""Checks the book that mdbook has built, and the pages that it was built from.

Each page is in the summary, each block of code says its language, each picture is shown, and each link leads to a file
and to a heading of it. The book lies one folder below the top of target/book, as the pages do in the repository, so a link
to a program leads to the program: those files are copied beside the book.
"""

import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

TOP = Path(__file__).resolve().parent.parent
DOCS = TOP / "docs"
BUILT = TOP / "target" / "book"
# What readers follow from a page to; a browser shows it as text.
COPIED = [".rs", ".py", ".sh"]


class Page(HTMLParser):
    """The headings of a page, what it links to, and what it loads."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag in ("img", "script") and "src" in attributes:
            self.loads.append(attributes["src"])
        if tag == "link" and "href" in attributes:
            self.loads.append(attributes["href"])


def pages_of(docs):
    """Problems of the pages as they are written."""
    summary = (docs / "SUMMARY.md").read_text(encoding="utf-8")
    shown = set()
    for path in sorted(docs.rglob("*.md")):
        name, text = path.relative_to(docs).as_posix(), path.read_text(encoding="utf-8")
        if name != "SUMMARY.md" and f"({name})" not in summary:
            yield f"docs/{name}: not in docs/SUMMARY.md"
        fences = re.findall(r"^```(.*)$", text, re.MULTILINE)
        if len(fences) % 2 or "" in fences[::2]:
            yield f"docs/{name}: a block of code without a language"
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
            shown.add((path.parent / target).resolve())
    for path in sorted(docs.rglob("*.png")):
        if path.resolve() not in shown:
            yield f"docs/{path.relative_to(docs).as_posix()}: no page shows this picture"


def target_of(page, link):
    """The file in the built book that a link leads to, and the heading; `None` of a link to elsewhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return (path / "index.html" if path.is_dir() else path), unquote(parts.fragment)


def links_of(built):
    """Problems of the links of the built pages."""
    pages = {path: Page(path) for path in sorted(built.rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(built).as_posix()
        for load in page.loads:
            if urlsplit(load).scheme in ("http", "https") or load.startswith("//"):
                yield f"{name}: loads {load}, which needs the network"
        for link in page.links + page.loads:
            found = target_of(path, link)
            if found is None:
                continue
            target, heading = found
            if not target.is_file() and target.suffix in COPIED and built in target.parents:
                source = TOP / target.relative_to(built)
                if source.is_file():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target)
            if not target.is_file():
                yield f"{name}: {link} leads to no file"
            elif heading and target in pages and heading not in pages[target].ids:
                yield f"{name}: {link} leads to no heading"


def links_of_readme(top):
    """Problems of the README's links, which the book does not hold."""
    for link in re.findall(r"\]\(([^)]+)\)", (top / "README.md").read_text(encoding="utf-8")):
        path = urlsplit(link).path
        if not urlsplit(link).scheme and path and not (top / path).exists():
            yield f"README.md: {link} leads to no file"


def main():
    problems = [*pages_of(DOCS), *links_of(BUILT), *links_of_readme(TOP)]
    print("\n".join(problems) or f"the book is whole: {BUILT / 'docs' / 'index.html'}")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
