"""Takes the headers middleware out of Traefik's module, and puts the program of the tests beside it.

take.py MODULE.zip FOLDER: the whole of Traefik would be built in minutes, this in seconds. The
middleware and the writer that it answers through are taken as they are, and of the configuration the one
type that it reads.
"""

from __future__ import annotations

import re
import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHOLE = ["pkg/middlewares/headers/header.go", "pkg/middlewares/response_modifier.go"]
CONFIGURATION = "pkg/config/dynamic/middlewares.go"
HEADERS = re.compile(r"// Headers holds .*?(?=// \+k8s:)", re.DOTALL)


def main() -> None:
    """Writes the folder."""
    archive, folder = zipfile.ZipFile(sys.argv[1]), Path(sys.argv[2])
    root = archive.namelist()[0].partition("@")[0] + "@" + Path(sys.argv[1]).stem

    def text(name: str) -> str:
        return archive.read(f"{root}/{name}").decode()

    def write(name: str, content: str) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)

    for name in WHOLE:
        write(name, text(name))
    headers = HEADERS.search(text(CONFIGURATION))
    if headers is None:
        raise SystemExit(f"{CONFIGURATION} has no type Headers")
    write(CONFIGURATION, f"package dynamic\n\n{headers[0]}")
    for name in ("main.go", "go.mod", "go.sum"):
        shutil.copyfile(HERE / name, folder / name)


if __name__ == "__main__":
    main()
