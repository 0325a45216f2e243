"""The pictures of the README."""

from __future__ import annotations

from math import ceil, floor, log10
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from results import OURS, Results, find
from tables import GOALS, NAMES

FOLDER = Path(__file__).resolve().parent / "pictures"
COUNTS = [10, 1_000, 100_000, 1_000_000]
COLOURS = {OURS: "#1f5fbf", "limit": "#8a8f98"}
PEERS = ["#c2571a", "#8a5aa8", "#3f8f5f"]
# The same file from the same results.
matplotlib.rcParams.update({"svg.hashsalt": "onecors", "font.size": 8, "font.family": "sans-serif"})


def draw(results: dict[str, Results]) -> None:
    panels = [it for it in dict.fromkeys((lang, frame) for lang, frame, _ in GOALS) if it[0] in results]
    columns = 3
    lines = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(lines, columns, figsize=(9.6, 2.5 * lines), sharex=True, squeeze=False)
    for place, (language, framework) in zip(axes.flat, panels, strict=False):
        panel(place, results[language], language, framework)
    for place in axes.flat[len(panels) :]:
        place.set_visible(False)
    figure.supxlabel("exact origins in the policy")
    figure.supylabel("nanoseconds added to an actual request")
    figure.tight_layout()
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(FOLDER / "origins.svg", metadata={"Date": None})
    pyplot.close(figure)


def panel(axes: Axes, results: Results, language: str, framework: str) -> None:
    points: dict[str, list[tuple[int, float]]] = {}
    for count in COUNTS:
        found = find(
            results, "adapter", framework=framework, origins=f"exact-{count}", scenario="actual-allowed"
        )
        for subject, it in (found or {}).items():
            if it.get("added", 0) > 0:
                points.setdefault(subject, []).append((count, it["added"]))
    peers = [subject for subject in points if subject not in COLOURS]
    colours = COLOURS | dict(zip(peers, PEERS, strict=False))
    for subject in [*peers, "limit", OURS]:
        if subject in points:
            draw_line(axes, points[subject], subject, colours[subject])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(COUNTS, ["10", "1k", "100k", "1M"])
    axes.minorticks_off()
    added = [value for found in points.values() for _, value in found]
    axes.set_ylim(10 ** floor(log10(min(added))), 10 ** ceil(log10(max(added))))
    axes.set_title(f"{NAMES[language]}: {framework}", fontsize=9, loc="left")
    axes.grid(visible=True, axis="y", color="#e3e5e8", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=7)
    axes.tick_params(labelbottom=True)


def draw_line(axes: Axes, points: list[tuple[int, float]], subject: str, colour: str) -> None:
    width, style = (2.2, "-") if subject == OURS else (1.2, "--" if subject == "limit" else "-")
    axes.plot(
        [count for count, _ in points],
        [added for _, added in points],
        label=subject,
        color=colour,
        linewidth=width,
        linestyle=style,
        marker="o",
        markersize=4 if subject == OURS else 3,
    )
