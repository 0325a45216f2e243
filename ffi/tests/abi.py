"""Compares the C interface with abi.txt: abi.py HEADER SHARED STATIC GOLDEN [--bless]

abi.txt is what compiled programs rely on: every constant, struct, offset and function of the header.
The functions must also be exactly what both libraries export. A line that is gone or different breaks
programs, so --bless refuses it without a new ONECORS_ABI_VERSION; a new line does not.

The header's introduction lists who owns what. It must have every function that returns an owned object,
and each of these must name the function that gives it up.
"""

import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# The version changes with every release; the other two are not numbers.
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


def ownership_problems(text: str, prototypes: list[str]) -> list[str]:
    """The differences between the functions that return owned objects and what the header says of them."""
    introduction = text.split("*/", maxsplit=1)[0]
    entries = re.split(r"(onecors_\w+), given up with (onecors_\w+), comes from", introduction)[1:]
    listed = {
        (kind, giving_up): set(re.findall(r"onecors_\w+", makers.split("\n *\n")[0]))
        for kind, giving_up, makers in zip(entries[::3], entries[1::3], entries[2::3], strict=True)
    }
    kinds = set(re.findall(r"^typedef struct (\w+) \1;", text, flags=re.MULTILINE))
    found = {}
    for kind in kinds:
        # An owned object is returned, or is written to an out-parameter; it is given up as the one argument.
        makes = re.compile(rf"^struct {kind} \*|struct {kind} \*\*")
        gives_up = re.compile(rf"^void (\w+)\(struct {kind} \*\w+\)$")
        giving_up = [match[1] for match in map(gives_up.match, prototypes) if match]
        makers = {name_of(prototype) for prototype in prototypes if makes.search(prototype)}
        found[(kind, " ".join(giving_up))] = makers
    problems = []
    for key in sorted(listed.keys() | found.keys()):
        said, made = sorted(listed.get(key, set())), sorted(found.get(key, set()))
        if said != made:
            problems.append(f"the introduction says of {key}: {said}, and the functions are: {made}")
    for (_, giving_up), makers in found.items():
        for maker in sorted(makers):
            comment = re.search(rf"/\*\*(?:(?!\*/).)*\*/[^;]*?\b{maker}\(", text, flags=re.DOTALL)
            if comment is None or giving_up not in comment[0]:
                problems.append(
                    f"the comment of {maker} does not say that {giving_up} gives up what it returns"
                )
    return problems


def name_of(prototype: str) -> str:
    """The name of a function."""
    found = re.search(r"(\w+)\(", prototype)
    assert found is not None, prototype
    return found[1]


def breaking_changes(recorded: list[str], interface: list[str]) -> list[str]:
    """The lines of abi.txt that programs rely on and that are gone, unless the version of the ABI is new."""
    version = "constant ONECORS_ABI_VERSION "
    gone = [line for line in recorded if line not in interface]
    return [] if any(line.startswith(version) for line in gone) else gone


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
    functions = set(map(name_of, prototypes))
    if len(constants) < 20 or len(structs) < 3 or len(functions) < 20:
        print(f"{header}: cannot be parsed: {len(constants)} constants, {len(functions)} functions")
        return 1
    problems = ownership_problems(header.read_text(), prototypes)
    for problem in problems:
        print(f"{header.name}: {problem}")
    good = not problems
    for library in (shared, static):
        for name in sorted(exported(library) ^ functions):
            print(f"{name}: in only one of {header.name} and {library}")
            good = False
    interface = measure(header, constants, structs) + types + [f"function {line}" for line in prototypes]
    if "--bless" in sys.argv:
        if gone := breaking_changes(golden.read_text().splitlines(), interface):
            print("\n".join(gone))
            print("programs rely on these lines of abi.txt: raise ONECORS_ABI_VERSION in ffi/src/version.rs")
            return 1
        golden.write_text("".join(f"{line}\n" for line in interface))
    recorded = golden.read_text().splitlines()
    for line in difflib.unified_diff(recorded, interface, golden.name, header.name, lineterm="", n=0):
        print(line)
        good = False
    if not good:
        print("the C interface is not as recorded; if the change is intended: make -C ffi bless")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
