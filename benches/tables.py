"""The tables: a language's own, and the one of docs/speed.md."""

from __future__ import annotations

import re
from typing import Any

from results import NOTHING, OURS, Results, Summary, find

NAMES = {
    "rust": "Rust",
    "cpp": "C, C++",
    "python": "Python",
    "node": "Node.js",
    "java": "Java",
    "go": "Go",
    "gateway": "Envoy and nginx",
}
# Whom each adapter is measured against, and how many times as quick it is meant to be: actual requests
# with 10 and with 1,000 origins, and preflights with 10.
GOALS: dict[tuple[str, str, str], tuple[float, float, float]] = {
    ("rust", "tower", "tower-http"): (4, 15, 1.2),
    ("rust", "actix", "actix-cors"): (1.5, 1.5, 1.5),
    ("python", "starlette", "starlette"): (4.5, 9, 4),
    ("python", "flask", "flask-cors"): (15, 40, 15),
    ("python", "django", "django-cors-headers"): (10, 300, 5),
    ("node", "node:http", "cors"): (1.6, 7, 3),
    ("node", "express", "cors"): (1.6, 7, 3),
    ("node", "fastify", "@fastify/cors"): (1.8, 8, 1.8),
    ("node", "koa", "@koa/cors"): (1.6, 3, 1.6),
    ("java", "servlet", "spring"): (8, 20, 4),
    ("java", "servlet", "tomcat"): (4, 5, 4),
    ("go", "net/http", "jub0bs/cors"): (1.4, 1.7, 1.5),
    ("go", "net/http", "rs/cors"): (1.2, 8, 1.3),
}
CELLS = [
    ("exact-10", "actual-allowed"),
    ("exact-1000", "actual-allowed"),
    ("exact-10", "preflight-allowed"),
]
BEGIN, END = "<!-- benches: begin -->", "<!-- benches: end -->"


def in_page(page: str, results: dict[str, Results]) -> str:
    """The page of docs/ with the table of these results."""
    block = f"{BEGIN}\n{summary(results)}\n{END}"
    return re.sub(f"{BEGIN}.*?{END}", lambda _: block, page, flags=re.DOTALL)


def summary(results: dict[str, Results]) -> str:
    """What onecors, and each peer, adds to a request."""
    rows = [
        "| | against | actual, 10 origins | actual, 1,000 | actual, 100,000 | preflight | denied "
        "| no `Origin` | the limit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for language, framework, peer in GOALS:
        if language not in results:
            continue
        cells = [*CELLS[:2], ("exact-100000", "actual-allowed"), CELLS[2]]
        cells += [("exact-10", "actual-denied"), ("exact-10", "no-origin")]
        values = [both(results[language], framework, peer, *cell) for cell in cells]
        limit = both(results[language], framework, "limit", *CELLS[0])
        version = results[language]["versions"].get(peer, "")
        name = f"{peer} {version}".strip()
        place = f"{NAMES[language]}, {framework}"
        rows.append("| " + " | ".join([place, name, *values, limit]) + " |")
    shown = [it for language, it in results.items() if any(of == language for of, _, _ in GOALS)]
    dates = sorted({it["date"] for it in shown})
    machines = sorted({it["machine"] for it in shown})
    rows += ["", f"`make bench`, {' and '.join(dates)}: {'; '.join(machines)}."]
    return "\n".join(rows)


def both(results: Results, framework: str, subject: str, origins: str, scenario: str) -> str:
    """The nanoseconds that onecors adds, those of a peer, and how many times as much that is."""
    found = find(results, "adapter", framework=framework, origins=origins, scenario=scenario) or {}
    ratio = found.get(subject, {}).get("ratio")
    if ratio is None:
        return ""
    times = f"{ratio:.3g}" if ratio < 100 else f"{ratio:,.0f}"
    return f"{short(found[OURS]['added'])} / {short(found[subject]['added'])} ({times})"


def short(nanoseconds: float) -> str:
    """A number of nanoseconds in three digits that count."""
    return f"{float(f'{nanoseconds:.3g}'):,.0f}"


def of_language(language: str, results: Results) -> str:
    lines = [f"# {NAMES[language]}", "", f"{results['date']}, {results['machine']}", ""]
    lines += [", ".join(f"{name} {it}" for name, it in results["versions"].items()), ""]
    for part, title in (
        ("adapter", "What CORS adds to a request"),
        ("instructions", "The same in instructions"),
    ):
        for group in results.get(part, []):
            head = f"{group['framework']}, {group['origins']}, {group['scenario']}"
            lines += [*rows(f"{title}: {head}", group["subjects"], group["unit"]), ""]
    for group in results.get("hostile", []):
        head = f"{group['framework']}, {group['input']}, {group['length']} bytes"
        lines += [*rows(f"Bad input: {head}", group["subjects"], group["unit"]), ""]
    for part in ("scale", "server", "reload", "startup"):
        for group in results.get(part, []):
            keys = ("framework", "origins", "scenario")
            head = ", ".join(str(group[key]) for key in keys if key in group)
            lines += [*rows(f"{part}: {head}", group["subjects"], group["unit"]), ""]
    if any(of == language for of, _, _ in GOALS):
        lines += goals(language, results)
    return "\n".join(lines)


def rows(title: str, subjects: dict[str, Summary], unit: str) -> list[str]:
    found = [title]
    for name, it in sorted(subjects.items(), key=lambda item: order(item[0])):
        spread = " to ".join(f"{value:,.6g}" for value in it["quartiles"])
        line = f"  {name:22} {it['median']:12,.6g} {unit} ({spread})"
        if "added" in it:
            line += f", adds {it['added']:,.6g}"
        if it.get("ratio") is not None:
            line += f", {it['ratio']:.3g} times onecors"
        if "times_none" in it:
            spread = " to ".join(f"{value:.3g}" for value in it["times_none_quartiles"])
            line += f", {it['times_none']:.3g} times none ({spread})"
        found.append(line)
    return found


def order(subject: str) -> tuple[int, str]:
    return ({NOTHING: 0, "none": 0, OURS: 1, "limit": 2}.get(subject, 3), subject)


def missing(language: str, results: Results) -> list[str]:
    """The subjects of docs/speed.md that were not measured with 10 origins."""
    found = []
    for of, framework, peer in GOALS:
        for scenario in ("actual-allowed", "preflight-allowed"):
            group = find(results, "adapter", framework=framework, origins="exact-10", scenario=scenario)
            wanted = [peer, OURS, NOTHING] if of == language else []
            wanted = [it for it in wanted if it not in results.get("left_out", [])]
            found += [f"{framework} {it} {scenario}" for it in wanted if it not in (group or {})]
    parts = ("server",) if language == "gateway" else ("hostile", "server")
    return found + [part for part in parts if part not in results]


def goals(language: str, results: Results) -> list[str]:
    lines = ["Against the goals"]
    for (of, framework, peer), wanted in GOALS.items():
        if of != language:
            continue
        for cell, goal in zip(CELLS, wanted, strict=True):
            found = find(results, "adapter", framework=framework, origins=cell[0], scenario=cell[1])
            ratio = (found or {}).get(peer, {}).get("ratio")
            lines.append(f"  {framework:12}{peer:22} {' '.join(cell):32} {verdict(ratio, goal)}")
    return [*lines, *beaten(results), *limits(results)]


def verdict(ratio: float | None, goal: float) -> str:
    if ratio is None:
        return "not measured"
    return f"{ratio:.3g} of {goal:g}{'' if ratio >= goal else ', MISSED'}"


def beaten(results: Results) -> list[str]:
    """Where a peer is quicker."""
    found = []
    for group in results.get("adapter", []):
        for name, it in group["subjects"].items():
            ratio = it.get("ratio")
            if name not in (OURS, NOTHING, "limit") and ratio is not None and ratio < 1:
                place = f"{group['framework']}, {group['origins']}, {group['scenario']}"
                found.append(f"  {name} is quicker: {place}: {ratio:.3g}")
    return found


def limits(results: Results) -> list[str]:
    """Where onecors adds more than 1.15 times what the limit adds."""
    found: list[str] = []
    for group in results.get("adapter", []):
        limit: dict[str, Any] = group["subjects"].get("limit", {})
        ratio = limit.get("ratio")
        if ratio is not None and ratio < 1 / 1.15:
            place = f"{group['framework']}, {group['origins']}, {group['scenario']}"
            found.append(f"  over the limit by more than 1.15: {place}: {1 / ratio:.3g}")
    return found
