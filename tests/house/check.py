"""Holds the house: which room may include which, and where the test of a file stands.

check.py arrows|mirror REPOSITORY: prints what breaks the rule, one a line, and exits with 1.
The order of rooms below is the one of harness/CMakeLists.txt, where link libraries are the arrows.
"""

import pathlib
import re
import sys

# From below to above. A room includes only rooms of the lines before its own.
LAYERS = {
    "": [["kernels"], ["data"], ["benchmarks", "harness", "examples"]],
    "harness": [
        ["stats"],
        ["http", "doctor"],
        ["servers"],
        ["answers"],
        ["load", "study"],
        ["plan"],
        ["merge", "archive"],
        ["attribution"],
        ["report"],
        ["validation", "cli"],
    ],
    "harness/attribution": [
        ["stand_in"],
        ["model"],
        ["fit", "evidence"],
        ["observe", "findings"],
        ["what_if"],
    ],
    "kernels": [["image"], ["pixels"], ["codecs"], ["iiif"]],
}
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)
SOURCES = (".h", ".cc")


def files_below(root, *folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES:
                yield path.relative_to(root).as_posix()


def layer_of(house, path):
    """The number of the line of the room that `path` stands in; None: in none of this house."""
    if house and not path.startswith(house + "/"):
        return None, None
    room = path[len(house) + 1 if house else 0 :].split("/")[0]
    for number, rooms in enumerate(LAYERS[house]):
        if room in rooms:
            return number, room
    # A file of the house itself stands above its rooms.
    return (len(LAYERS[house]), "") if house and "." in room else (None, room)


def broken_arrows(root):
    broken = []
    for path in files_below(root, "kernels", "data", "benchmarks", "harness", "examples"):
        text = (root / path).read_text(encoding="utf-8")
        for included in INCLUDE.findall(text):
            for house in LAYERS:
                here, room = layer_of(house, path)
                there, other = layer_of(house, included)
                if here is None or there is None or room == other:
                    continue
                if there >= here:
                    broken.append(f"{path}: includes {included}: {room} stands below {other}")
    return broken


def rooms_without_place(root):
    """Folders that no line names: a new room must be given its place."""
    broken = []
    for house, lines in LAYERS.items():
        if not house:
            continue
        known = {room for line in lines for room in line}
        for folder in sorted((root / house).iterdir()):
            if folder.is_dir() and any(folder.rglob("*.cc")) and folder.name not in known:
                broken.append(f"{house}/{folder.name}: no line of tests/house/check.py names it")
    return broken


def misplaced_tests(root):
    """tests/a/b/c_test.cc tests a/b/c.h or .cc, or its folder; c_more_test.cc is another test of c."""
    broken = []
    for path in files_below(root, "tests"):
        if not path.endswith("_test.cc"):
            continue
        folder, _, name = path[len("tests/") : -len("_test.cc")].rpartition("/")
        words = name.split("_")
        stems = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
        beside = root / folder
        subjects = {file.name.split(".")[0] for file in beside.iterdir()} if beside.is_dir() else set()
        subjects |= {word.removesuffix("-inl") for word in subjects} | {folder.split("/")[-1]}
        if not stems & subjects:
            broken.append(f"{path}: tests nothing of {folder or '.'}")
    return broken


def main():
    what, root = sys.argv[1], pathlib.Path(sys.argv[2])
    broken = (
        broken_arrows(root) + rooms_without_place(root) if what == "arrows" else misplaced_tests(root)
    )
    for line in broken:
        print(line)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
