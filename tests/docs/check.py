#!/usr/bin/env python3
"""Tests of the documentation; status 1 with a line for each thing that is wrong.

    check.py links | style | records | fields | environment  ROOT
    check.py commands ROOT BIN      BIN: the folder of the built programs
"""
import glob
import json
import os
import re
import sys

sys.dont_write_bytecode = True
import program_help  # noqa: E402
import texts  # noqa: E402

WIDEST, README_LINES, LONGEST_SENTENCE, MOST_FOLDERS = 100, 150, 25, 12


def links(root):
    """Every relative link leads to a file, every anchor to a heading."""
    for name in texts.files(root):
        text = texts.read(root, name)
        for number, reference in texts.undefined(text):
            yield f"{name}:{number}: [{reference}] is defined nowhere"
        for number, target in texts.links(text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            where = os.path.normpath(os.path.join(root, os.path.dirname(name), path))
            if path and not os.path.exists(where):
                yield f"{name}:{number}: {target} does not exist"
                continue
            of = where if path else os.path.join(root, name)
            if anchor and anchor not in texts.anchors(texts.read("", of)):
                yield f"{name}:{number}: {target}: no such heading"


def style(root):
    """Lines of at most 100 columns, sentences of at most 25 words, a short README."""
    for name in texts.files(root):
        if texts.is_record(name):
            continue
        for number, line in enumerate(texts.read(root, name).splitlines(), 1):
            if len(line) > WIDEST:
                yield f"{name}:{number}: {len(line)} columns, {WIDEST} are allowed"
    readme = texts.read(root, "README.md")
    count = len(readme.splitlines())
    if count >= README_LINES:
        yield f"README.md: {count} lines, fewer than {README_LINES} are allowed"
    reference = os.path.join("docs", "reference")  # lists of fields are no sentences
    for name in texts.files(root):
        if texts.is_record(name) or name.startswith(reference):
            continue
        for number, sentence in texts.prose(texts.read(root, name)):
            count = len(texts.words(sentence))
            if count > LONGEST_SENTENCE:
                yield f"{name}:{number}: a sentence of {count} words: {sentence[:60]}..."
    for must in ("harness/quickstart", "tests/run"):
        if must not in readme:
            yield f"README.md: does not name {must}"


def examples(programs):
    """The help of each program and subcommand ends with two command lines of its own."""
    asked = [("iiifbench",)] + [("iiifbench", name)
                                for name in programs.help("iiifbench").subcommands]
    asked += [(name,) for name in program_help.USER_PROGRAMS]
    for words in asked:
        one = programs.help(*words)
        if one is None:
            continue  # not built here
        called = " ".join(words)
        if len(one.examples) != 2:
            yield f"{called} --help: {len(one.examples)} examples, two are wanted"
        for line in one.examples:
            if len(line) > WIDEST - 2:
                yield f"{called} --help: an example of {len(line)} columns: {line}"
            of_itself = line.startswith(called + " ") or line == called
            if words[0] != "iiifbench":
                of_itself = os.path.basename(line.split(" ")[0]) == words[0]
                line = " ".join([f"iiifbench-{words[0]}"] + line.split(" ")[1:])
            if not of_itself:
                yield f"{called} --help: an example of another command: {line}"
            wrong = programs.complaint(line)
            if wrong:
                yield f"{called} --help: {line}: {wrong}"


def commands(root, folder):
    """Every command line of a program of ours has a subcommand and options that there are."""
    programs = program_help.Programs(folder)
    if programs.help("iiifbench") is None:
        yield f"{folder}/iiifbench is not built"
        return
    yield from examples(programs)
    quickstart = texts.read(root, "harness/quickstart")
    seen = 0
    for name in texts.files(root):
        if texts.is_record(name) or name == "CHANGELOG.md":
            continue
        for number, line in texts.code_lines(texts.read(root, name)):
            line = re.sub(r"^\$ ", "", line)
            if line.startswith("harness/quickstart"):
                for option in re.findall(r"(?<= )--[\w-]+", line.split("#")[0]):
                    if f"{option})" not in quickstart:
                        yield f"{name}:{number}: harness/quickstart has no {option}"
            wrong = programs.complaint(line)
            seen += line.startswith("iiifbench ")
            if wrong:
                yield f"{name}:{number}: {line}: {wrong}"
    if seen < 10:
        yield f"only {seen} command lines were found: is the test blind?"


def record_of(text, line):
    """The run folders that a line links to, by address or by reference."""
    defined = dict(re.findall(r"^\[([^]]+)\]:\s+(\S+)", text, re.M))
    targets = re.findall(r"\]\(([^)]+)\)", line)
    targets += [defined[name] for name in re.findall(r"\]\[([^]]+)\]", line) if name in defined]
    return [target for target in targets if "Z-" in target]


def plain(text):
    return re.sub(r"\s+", " ", text.replace("*", "").replace("`", ""))


def records(root):
    """What is in bold beside a link to a record stands in that record; the index is whole."""
    for name in ("README.md", os.path.join("results", "README.md")):
        text = texts.read(root, name)
        for number, line in enumerate(text.splitlines(), 1):
            if not line.startswith("|"):
                continue
            folders = [os.path.dirname(os.path.join(root, os.path.dirname(name), target))
                       for target in record_of(text, line)]
            bold = re.findall(r"\*\*([^*]+)\*\*", line)
            if not folders or not bold:
                continue
            kept = plain(" ".join(texts.read("", file) for folder in folders
                                  for file in glob.glob(os.path.join(folder, "*"))
                                  if file.endswith((".md", ".txt"))))
            for figure in bold:
                if plain(figure) not in kept:
                    yield f"{name}:{number}: '{figure}' does not stand in {folders[0]}"
    index = texts.read(root, os.path.join("results", "README.md"))
    runs = [os.path.relpath(run, root) for run in glob.glob(os.path.join(root, "results", "*", "*"))
            if os.path.isdir(run) and re.search(r"\d{8}T\d{6}Z-", run)]
    if len(runs) > MOST_FOLDERS:
        yield f"results: {len(runs)} run folders, at most {MOST_FOLDERS} are kept"
    for run in sorted(runs):
        if os.path.relpath(run, "results") not in index:
            yield f"results/README.md: {run} is not in it"
        if not os.path.exists(os.path.join(root, run, "reading.md")):
            yield f"{run}: has no reading.md"


# Members whose own members are names of other things: servers' settings, classes, stages.
FREE = {"effective", "intended", "failures", "classes", "decided_by", "methods", "libraries",
        "stages", "floor_stages", "ms", "versions", "strategy", "multiples", "parts_ms", "workload",
        "remedies"}
DESCRIBED = ("study.json", "attribution-*.json", "load-*.json", "calibrate.json", "peers.json")


def members(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in FREE:
                yield from members(inner)
    elif isinstance(value, list):
        for inner in value[:400]:
            yield from members(inner)


def fields(root):
    """Every member of the kept records' JSON is described."""
    reference = texts.read(root, os.path.join("docs", "reference", "json.md"))
    described = set(re.findall(r"`\"?([\w.\-]+)\"?(?:\[\])?`", reference))
    seen = 0
    for pattern in DESCRIBED:
        unknown = {}
        for file in glob.glob(os.path.join(root, "results", "*", "*", pattern)):
            with open(file, encoding="utf-8") as opened:
                for key in set(members(json.load(opened))):
                    seen += 1
                    if key not in described:
                        unknown.setdefault(key, os.path.relpath(file, root))
        for key, file in sorted(unknown.items()):
            yield f"docs/reference/json.md: '{key}' of {file} is not described"
    if seen < 100:
        yield f"only {seen} members were found: is the test blind?"


def environment(root):
    """Every environment variable that the code reads is described."""
    described = texts.read(root, os.path.join("docs", "reference", "environment.md"))
    seen = {}
    for folder in ("kernels", "data", "benchmarks", "harness"):
        for file in glob.glob(os.path.join(root, folder, "**", "*.cc"), recursive=True):
            for name in re.findall(r"\b(?:getenv|EnvironmentOr|Environment)\(\"(\w+)\"",
                                   texts.read("", file)):
                seen.setdefault(name, os.path.relpath(file, root))
    for name, file in sorted(seen.items()):
        if f"`{name}`" not in described and name not in ("HOME", "PATH"):
            yield f"docs/reference/environment.md: {name} of {file} is not described"
    if not seen:
        yield "no variable was found: is the test blind?"


CHECKS = {"links": links, "style": style, "commands": commands, "records": records,
          "fields": fields, "environment": environment}


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in CHECKS:
        print(__doc__, file=sys.stderr)
        return 2
    wrong = list(CHECKS[sys.argv[1]](*sys.argv[2:]))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
