#!/usr/bin/env python3
"""Reads study.json of a run folder: which server is how far above the floor, by request class.

    examples/read_study.py results/intel-xeon/20261126T224649Z-bb0ea4c388-founding

Only the standard library. The fields are described in docs/reference/json.md.
"""
import json
import os
import sys


def measured(study, link="loopback"):
    """The cells that hold a latency, over one link."""
    for cell in study["cells"]:
        if cell["status"] == "measured" and cell.get("link", "loopback") == link:
            yield cell


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path = sys.argv[1]
    if os.path.isdir(path):
        path = os.path.join(path, "study.json")
    try:
        with open(path, encoding="utf-8") as file:
            study = json.load(file)
    except (OSError, ValueError) as error:
        print(f"read_study: {path}: {error}", file=sys.stderr)
        return 1

    print(f"{study['time']}, commit {study['commit']}, {study['machine']['cpu']}")
    if not study["reportable"]:
        print("NOT REPORTABLE: " + "; ".join(study["not_reportable"]))
    print(f"{'server':24} {'recipe':14} {'class':12} {'median ms':>10} {'floor ms':>9} {'ratio':>6}")
    for cell in sorted(measured(study), key=lambda c: -(c.get("ratio") or 0)):
        ratio = cell.get("ratio")
        if ratio is None:
            continue  # what was sent was not made of the same pixels, so it has no floor
        print(f"{cell['server']:24} {cell['recipe']:14} {cell['class']:12} "
              f"{cell['median_ms']:10.2f} {cell['floor_ms']:9.2f} {ratio:6.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
