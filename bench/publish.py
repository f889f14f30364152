#!/usr/bin/env python3
"""Replaces what stands between the markers of a document by files of the same names: publish.py DOCUMENT DIRECTORY"""

import pathlib
import re
import sys


def publish(text, directory):
    """What is between <!-- NAME begins --> and <!-- NAME ends --> comes from NAME.md."""
    def replacement(found):
        name = found[1]
        file = directory / f"{name}.md"
        if not file.exists():
            sys.exit(f"publish: no file '{file}' for the marker '{name}': run bench/performance")
        return f"<!-- {name} begins -->\n\n{file.read_text().strip()}\n\n<!-- {name} ends -->"
    return re.sub(r"<!-- (\w+) begins -->.*?<!-- \1 ends -->", replacement, text, flags=re.DOTALL)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: publish.py DOCUMENT DIRECTORY")
    document, directory = map(pathlib.Path, sys.argv[1:])
    document.write_text(publish(document.read_text(), directory))


if __name__ == "__main__":
    main()
