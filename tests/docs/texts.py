"""Markdown as the tests of the documentation see it: files, links, prose, command lines."""
import os
import re

FOLDERS = ("docs", "examples", "results")
CODE = re.compile(r"`[^`]*`")


def files(root):
    """README.md and others of the root, and all below docs, examples and results."""
    found = [name for name in sorted(os.listdir(root)) if name.endswith(".md")]
    for folder in FOLDERS:
        for where, _, names in sorted(os.walk(os.path.join(root, folder))):
            found += [os.path.relpath(os.path.join(where, name), root) for name in sorted(names)
                      if name.endswith(".md")]
    return found


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


def is_record(name):
    """A recorded run's own texts: kept as they were written."""
    return name.startswith("results" + os.sep) and name.count(os.sep) > 1


def blocks(text):
    """(number of the first line, lines, is code) of each paragraph or block of code."""
    out, fenced = [], False
    kind, start, lines = None, 0, []

    def end():
        nonlocal lines
        if lines:
            out.append((start, lines, kind))
        lines = []

    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            end()
            fenced = not fenced
            continue
        code = fenced or (line.startswith("    ") and (kind or not lines))
        if not line.strip() and not fenced:
            end()
            kind = None
            continue
        if lines and code != kind:
            end()
        if not lines:
            kind, start = code, number
        lines.append(line[4:] if code and not fenced else line)
    end()
    return out


def prose(text):
    """(line, text) of every sentence outside code, tables' cells and list items apart."""
    out = []
    for start, lines, code in blocks(text):
        if code:
            continue
        pieces, piece, first = [], [], start
        for number, line in enumerate(lines, start):
            if re.match(r"\[[^]]+\]: ", line) or line.startswith("<!--"):
                continue
            if line.startswith("|"):
                pieces += [(number, cell.strip()) for cell in line.strip("|").split("|")]
                continue
            if re.match(r"(- |\d+\. |#)", line) and piece:
                pieces.append((first, " ".join(piece)))
                piece = []
            if not piece:
                first = number
            piece.append(re.sub(r"^(- |\d+\. |#+ )", "", line.strip()))
        if piece:
            pieces.append((first, " ".join(piece)))
        for number, whole in pieces:
            whole = CODE.sub("code", whole)
            whole = re.sub(r"!?\[([^]]*)\](\([^)]*\)|\[[^]]*\])?", r"\1", whole)
            out += [(number, sentence) for sentence in re.split(r"(?<=[.!?:;])\s+", whole)
                    if sentence.strip()]
    return out


def words(sentence):
    return [word for word in sentence.split() if re.search(r"\w", word)]


def links(text):
    """(line, target) of every link and picture."""
    out = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = CODE.sub("", line)
        if line.startswith("    "):
            continue
        out += [(number, target) for target in re.findall(r"\]\(([^)\s]+)\)", bare)]
        out += [(number, target) for target in re.findall(r"^\[[^]]+\]:\s+(\S+)", bare)]
    return out


def undefined(text):
    """(line, name) of references such as [text][name] that are defined nowhere."""
    defined = set(re.findall(r"^\[([^]]+)\]:", text, re.M))
    return [(number, name) for number, line in enumerate(text.splitlines(), 1)
            if not line.startswith("    ")
            for name in re.findall(r"\]\[([^]]+)\]", CODE.sub("", line)) if name not in defined]


def anchors(text):
    """The anchors that the headings of a file have."""
    out = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        out.add(plain.strip().replace(" ", "-"))
    return out


def code_lines(text):
    """(line, command line) of blocks of code, continued lines joined, and of inline code."""
    out = []
    for start, lines, code in blocks(text):
        joined, first = "", start
        for number, line in enumerate(lines, start):
            if not code:
                out += [(number, inline.strip("`")) for inline in CODE.findall(line)]
                continue
            if not joined:
                first = number
            joined += line
            if joined.endswith("\\"):
                joined = joined[:-1]
                continue
            out.append((first, joined.strip()))
            joined = ""
    return out
