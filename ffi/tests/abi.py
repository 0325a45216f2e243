"""Compares the C interface with abi.txt: abi.py HEADER SHARED STATIC GOLDEN [--bless]

abi.txt is what compiled programs rely on: every constant, struct, offset and function of the header.
The functions must also be exactly what both libraries export. A line that is gone or different
breaks programs, and calls for a new ONECORS_ABI_VERSION; a new line does not.
"""

import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# The version changes with every release; the other two are no numbers.
NOT_CONSTANTS = re.compile(r"ONECORS_(VERSION|VERSION_(MAJOR|MINOR|PATCH)|MUST_USE|REQUEST_INIT)")


def read_header(path: Path) -> tuple[list[str], dict[str, list[str]], list[str], list[str]]:
    """The names of the constants, the fields of each struct, the other types, and the prototypes."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    constants = [
        name
        for name in re.findall(r"^#define (ONECORS_\w+) ", text, flags=re.MULTILINE)
        if not NOT_CONSTANTS.fullmatch(name)
    ]
    structs = {
        name: re.findall(r"(\w+);", body)
        for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\}", text, flags=re.DOTALL)
    }
    block = text.split('extern "C" {')[1].split('}  // extern "C"')[0]
    block = re.sub(r"^#.*$|ONECORS_MUST_USE", "", block, flags=re.MULTILINE)
    types = [f"typedef {name}" for name in re.findall(r"^typedef (\w+ \w+);", text, flags=re.MULTILINE)]
    prototypes = [" ".join(prototype.split()) for prototype in block.split(";")]
    return constants, structs, types, [prototype for prototype in prototypes if prototype]


def measure(header: Path, constants: list[str], structs: dict[str, list[str]]) -> list[str]:
    """What the C compiler makes of the constants and structs."""
    lines = [f'printf("constant {name} %llu\\n", (unsigned long long){name});' for name in constants]
    for struct, fields in structs.items():
        lines.append(f'printf("struct {struct} size %zu\\n", sizeof({struct}));')
        lines += [
            f'printf("field {struct}.{field} offset %zu size %zu\\n",'
            f" offsetof({struct}, {field}), sizeof((({struct} *)0)->{field}));"
            for field in fields
        ]
    body = "\n".join(lines)
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "measure.c"
        program = Path(directory) / "measure"
        source.write_text(f'#include <stdio.h>\n#include "onecors.h"\nint main(void) {{\n{body}\n}}\n')
        subprocess.run(["cc", f"-I{header.parent}", "-o", program, source], check=True)
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()


def exported(library: Path) -> set[str]:
    """The names that a library offers to the programs that link it."""
    dynamic = ["--dynamic"] if library.suffix != ".a" else ["--extern-only"]
    listing = subprocess.run(
        ["nm", "--defined-only", "--format=posix", *dynamic, library],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {fields[0] for fields in map(str.split, listing.splitlines()) if len(fields) > 1}


def main() -> int:
    """Compares, or with --bless writes, abi.txt."""
    header, shared, static, golden = map(Path, sys.argv[1:5])
    constants, structs, types, prototypes = read_header(header)
    functions = {re.search(r"(\w+)\(", prototype).group(1) for prototype in prototypes}
    if len(constants) < 20 or len(structs) < 3 or len(functions) < 20:
        print(f"{header}: not understood: {len(constants)} constants, {len(functions)} functions")
        return 1
    good = True
    for library in (shared, static):
        for name in sorted(exported(library) ^ functions):
            print(f"{name}: in only one of {header.name} and {library}")
            good = False
    interface = measure(header, constants, structs) + types + [f"function {line}" for line in prototypes]
    if "--bless" in sys.argv:
        golden.write_text("".join(f"{line}\n" for line in interface))
    recorded = golden.read_text().splitlines()
    for line in difflib.unified_diff(recorded, interface, golden.name, header.name, lineterm="", n=0):
        print(line)
        good = False
    if not good:
        print("the C interface is not the one of abi.txt; if it is meant to be: make -C ffi bless")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
