"""Does a CycloneDX bill of materials list every package that a requirements file pins? `make sbom` asks at its end.

python -m tests.support.sbom var/sbom/app.cdx.json requirements/app.txt torch==2.13.0
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)")


def pins(lines: Iterable[str]) -> set[tuple[str, str]]:
    """Name, as packages are compared by (PEP 503), and version of every line that pins one."""
    found = (_PIN.match(line) for line in lines)
    return {(_folded(match[1]), match[2]) for match in found if match}


def listed(bom: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Name and version of every component."""
    return {(_folded(one["name"]), one.get("version", "")) for one in bom["components"]}


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str]) -> int:
    """Says how many packages are listed; 1 when a pin is missing, or something is listed that nobody pinned."""
    file, requirements, *more = arguments
    wanted = pins([*Path(requirements).read_text("utf-8").splitlines(), *more])
    found = listed(json.loads(Path(file).read_text("utf-8")))
    for word, names in (("missing", wanted - found), ("not pinned", found - wanted)):
        for name, version in sorted(names):
            sys.stderr.write(f"{file}: {word}: {name} {version}\n")
    sys.stdout.write(f"{file}: {len(found)} packages\n")
    return 0 if wanted == found and wanted else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
