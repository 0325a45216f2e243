"""Makes public_suffixes.txt from the Public Suffix List.

Usage: python3 update.py public_suffix_list.dat > public_suffixes.txt

The list is published at https://publicsuffix.org/list/public_suffix_list.dat; the PyPI package
`publicsuffixlist` carries a copy of it. What is kept: the rules, in the ASCII form that browsers
send, in two sections. What goes: comments.
"""

import sys


def to_ascii(rule: str) -> str:
    labels = (
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in rule.split(".")
    )
    return ".".join(labels)


def main(path: str) -> None:
    sections: dict[str, list[str]] = {"ICANN": [], "PRIVATE": []}
    section, version = "", ""
    with open(path, encoding="utf-8") as lines:
        for line in map(str.strip, lines):
            if line.startswith("// VERSION: "):
                version = line.removeprefix("// VERSION: ")
            elif line.startswith("// ===BEGIN "):
                section = line.split()[2]
            elif line and not line.startswith("//"):
                sections[section].append(to_ascii(line.split()[0].lower()))
    print("// The rules of the Public Suffix List, https://publicsuffix.org/list/,")
    print("// made by update.py. Licence of the list: MPL-2.0, https://mozilla.org/MPL/2.0/.")
    print(f"// version {version}")
    for name, rules in sections.items():
        print(f"// {name}")
        print("\n".join(rules))


main(sys.argv[1])
