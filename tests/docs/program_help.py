"""What a program's --help allows, and whether a command line keeps to it."""
import os
import re
import shlex
import subprocess


USER_PROGRAMS = ("corpus", "probe", "read", "region_decode", "resolution_level", "resize", "encode",
                 "render", "gigapixel")


class Option:
    def __init__(self, left):
        self.names = re.findall(r"-{1,2}[A-Za-z][\w-]*", left.split(" ")[0])
        _, _, rest = left.partition(" ")
        rest = re.sub(r"\b(Excludes|Needs|REQUIRED):?.*$", "", rest).strip()
        self.takes = 0 if not rest else 2 if " x 2" in rest else 1
        self.many = rest.endswith("...")
        limits = re.search(r"in \[([-\d.]+) - ([-\d.]+)\]", rest)
        self.limits = (float(limits.group(1)), float(limits.group(2))) if limits else None
        chosen = re.search(r":\{([^}]*)\}", rest)
        self.chosen = chosen.group(1).split(",") if chosen else None

    def complaint(self, value):
        for part in value.split(",") if self.many or self.limits else [value]:
            if re.fullmatch(r"[A-Z][A-Z_.]*", part):
                continue  # a placeholder: NAME, URL
            if self.chosen and part not in self.chosen:
                return f"{self.names[-1]} {part}: there are {', '.join(self.chosen)}"
            if self.limits:
                try:
                    number = float(part)
                except ValueError:
                    return f"{self.names[-1]} {part}: no number"
                if not self.limits[0] <= number <= self.limits[1]:
                    return f"{self.names[-1]} {part}: from {self.limits[0]} to {self.limits[1]}"
        return None


class Help:
    def __init__(self, program, *words):
        done = subprocess.run([program, *words, "--help"], capture_output=True, text=True,
                              timeout=60, check=True)
        self.options, self.positionals, self.subcommands, self.examples = {}, [], [], []
        part = None
        for line in done.stdout.splitlines():
            if line in ("Options:", "Positionals:", "Subcommands:", "Examples:"):
                part = line
            elif part == "Examples:" and line.startswith("  "):
                self.examples.append(line.strip())
            elif part and re.match(r"  \S", line):
                left = re.split(r"  +", line.strip())[0]
                if part == "Options:":
                    option = Option(left)
                    self.options.update({name: option for name in option.names})
                elif part == "Positionals:":
                    self.positionals.append(left)
                else:
                    self.subcommands.append(left.split()[0])
            elif not line.startswith(" ") and line.strip():
                part = None


class Programs:
    """The programs of a folder; those that are not built there are not judged."""

    def __init__(self, folder):
        self.folder, self.known = folder, {}

    def help(self, name, *words):
        key = (name, *words)
        if key not in self.known:
            program = os.path.join(self.folder, name)
            self.known[key] = Help(program, *words) if os.access(program, os.X_OK) else None
        return self.known[key]

    def complaint(self, line):
        """Why this command line is none; None where it is right or of another program."""
        if not re.match(r"(build/\w+/bin/|iiifbench\b)", line):
            return None
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            return f"cannot be read by a shell: {error}"
        if not words:
            return None
        place = re.fullmatch(r"(?:build/\w+/bin/)([\w-]+)", words[0])
        name = place.group(1) if place else words[0]
        if name.startswith("iiifbench-"):
            name = name.removeprefix("iiifbench-")
        elif not place and name != "iiifbench":
            return None
        if name.startswith("example_") or name.endswith("_test"):
            return None  # no --help; GoogleTest's own options
        words = words[1:]
        for end in ("|", ">", "&&", ";", "2>&1"):
            if end in words:
                words = words[:words.index(end)]
        return self.judge(name, words)

    def judge(self, name, words):
        top = self.help(name)
        if top is None:
            return None
        if name == "iiifbench" and words and not words[0].startswith("-"):
            if words[0].isupper():
                return None  # iiifbench COMMAND
            if words[0] not in top.subcommands:
                return f"'{words[0]}' is no subcommand; there are {', '.join(top.subcommands)}"
        allowed = top
        if words and words[0] in top.subcommands:
            allowed, words = self.help(name, words[0]), words[1:]
        benchmark = "--benchmark_filter" in " ".join(top.options) or not top.options
        free = 0
        while words:
            word = words.pop(0)
            if word in ("...", "[OPTIONS]"):
                continue
            if not word.startswith("-") or word == "-":
                free += 1
                continue
            key, equals, value = word.partition("=")
            if key.startswith("--benchmark_") or (benchmark and key == "--smoke"):
                continue
            option = allowed.options.get(key)
            if option is None:
                return f"{key} is unknown to {name}"
            values = [value] if equals else []
            if option.takes and not values:
                while words and not words[0].startswith("--") and (
                        len(values) < option.takes or option.many):
                    values.append(words.pop(0))
            if len(values) < option.takes:
                return f"{key} needs a value"
            if values and not option.takes:
                return f"{key} takes no value"
            for given in values:
                wrong = option.complaint(given)
                if wrong:
                    return wrong
        if free and not allowed.positionals and allowed.options:
            return f"{name}: {free} words too many"
        return None
