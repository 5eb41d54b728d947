"""Holds the house: which room may include which, where the test of a file stands, one name one type.

check.py arrows|mirror|types REPOSITORY: prints what breaks the rule, one a line, and exits with 1.
The order of rooms below is the one of harness/CMakeLists.txt, where link libraries are the arrows.
"""

import pathlib
import re
import sys

# From below to above. A room includes only rooms of the lines before its own.
LAYERS = {
    "": [["kernels"], ["data"], ["benchmarks", "harness", "examples"]],
    "harness": [
        ["findings", "stats"],
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


# What a scan for types need not look into.
NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|'
    r"(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+'|^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*",
    re.S | re.M,
)
TYPE = re.compile(
    r"\b(?:class|struct|union|enum(?:\s+class|\s+struct)?)\s+(?:\[\[.*?\]\]\s*|alignas\([^)]*\)\s*)*"
    r"(\w+)(?:\s+final)?\s*(?::(?!:)[^;{()]*)?$"
)


def types_defined(text):
    """Names of the types that a file defines at namespace scope, but for anonymous namespaces."""
    code = NO_CODE.sub(" ", text)
    scopes, names, begin = [], [], 0
    for at, mark in enumerate(code):
        if mark not in "{};":
            continue
        before = code[begin:at].strip()
        begin = at + 1
        if mark == "}":
            if scopes:
                scopes.pop()
        elif mark == "{":
            space = re.search(r"\bnamespace\b([\w:\s]*)$", before)
            found = TYPE.search(before)
            # None: within an anonymous namespace, a type or a function.
            if space:
                scopes.append(space.group(1).strip() or None)
                continue
            if found and None not in scopes and "(" not in before[found.start() :]:
                names.append("::".join(scopes + [found.group(1)]))
            scopes.append("" if re.search(r'\bextern\s*$', before) and not found else None)
    return names


def doubled_types(root):
    """Two types of one name in a namespace are one for the linker, and it takes either."""
    places = {}
    for path in files_below(root, "kernels", "data", "benchmarks", "harness", "examples", "tests"):
        for name in types_defined((root / path).read_text(encoding="utf-8")):
            places.setdefault(name, set()).add(path)
    return [
        f"{name}: defined in {' and in '.join(sorted(files))}"
        for name, files in sorted(places.items())
        if len(files) > 1 and name.startswith("iiifbench::")
    ]


CHECKS = {
    "arrows": lambda root: broken_arrows(root) + rooms_without_place(root),
    "mirror": misplaced_tests,
    "types": doubled_types,
}


def main():
    what, root = sys.argv[1], pathlib.Path(sys.argv[2])
    broken = CHECKS[what](root)
    for line in broken:
        print(line)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
