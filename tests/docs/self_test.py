#!/usr/bin/env python3
"""The checks of the documentation notice what is wrong: one small tree for each mistake."""
import os
import stat
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import check  # noqa: E402
import program_help  # noqa: E402
import texts  # noqa: E402

HELP = """Something
Usage: x [OPTIONS] SUBCOMMAND

Options:
  -h,--help                   Print this help message and exit

Subcommands:
  load                        Load
"""
LOAD_HELP = """Load
Usage: x load [OPTIONS] [files(0x)]

Positionals:
  files TEXT                  A and B

Options:
  -h,--help                   Print this help message and exit
  --clients FLOAT:INT in [1 - 512] ... Excludes: --rate
                              Clients
  --engine TEXT:{docker,podman}
                              An engine
  --run TEXT x 2              Two commands
  --quiet                     No progress

The end.
"""
RUN = "results/m/20260101T000000Z-abc-x"


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        self.write("README.md", "# A\n\nRun harness/quickstart and tests/run.\n")
        self.write("harness/quickstart", "--small) small=1 ;;")
        self.write("docs/reference/json.md", "`cells` `n` `servers`")
        self.write("results/README.md", f"[x][x]\n\n[x]: {RUN[8:]}/reading.md\n")
        self.write(f"{RUN}/reading.md", "the median is **4.5 ms** here")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text, program=False):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if program:
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def wrong(self, name, *more):
        return list(check.CHECKS[name](self.root, *more))

    def test_a_right_tree_is_right(self):
        for name in ("links", "style", "records"):
            self.assertEqual(self.wrong(name), [])

    def test_links(self):
        for bad in ("[a](docs/none.md)", "[a](README.md#none)", "[a][none]", "![a](img.png)",
                    "[a]: gone.md"):
            self.write("docs/a.md", f"# B\n\n{bad}\n")
            self.assertEqual(len(self.wrong("links")), 1, bad)
        self.write("docs/a.md", "# B c\n\n[a](#b-c) [b](../README.md#a) `[c](no.md)` "
                                "[d](https://example.org/x)\n")
        self.assertEqual(self.wrong("links"), [])

    def test_style(self):
        self.write("docs/a.md", "x" * 101 + "\n")
        self.assertEqual(len(self.wrong("style")), 1)
        self.write("docs/a.md", "x" * 100 + "\n")
        # Too long a sentence, too many lines, a sentence that goes on in the next line of an item.
        for bad in ("w " * 26 + ".\n", "\n" * 150, "- a\n- " + "w " * 13 + "\n  " + "w " * 13):
            self.write("README.md", "harness/quickstart tests/run\n\n" + bad)
            self.assertEqual(len(self.wrong("style")), 1, bad)
        self.write("README.md", "harness/quickstart tests/run\n\n" + "w " * 25 + ".\n- "
                   + "w " * 20 + "\n- " + "w " * 20 + "\n\n    " + "code " * 19 + "\n")
        self.assertEqual(self.wrong("style"), [])

    def test_a_record_keeps_its_lines(self):
        self.write(f"{RUN}/reading.md", "x" * 300)
        self.assertEqual(self.wrong("style"), [])

    def test_records(self):
        row = "\n| q | **{}** | [x][x] |\n"
        self.write("results/README.md", row.format("4.5 ms") + f"\n[x]: {RUN[8:]}/reading.md\n")
        self.assertEqual(self.wrong("records"), [])
        self.write("results/README.md", row.format("4.6 ms") + f"\n[x]: {RUN[8:]}/reading.md\n")
        self.assertEqual(len(self.wrong("records")), 1)

    def test_records_are_few_and_in_the_index(self):
        self.write("results/m/20260102T000000Z-abc-y/reading.md", "")
        self.assertEqual(len(self.wrong("records")), 1)
        for number in range(12):
            self.write(f"results/m/202602{number:02d}T000000Z-abc-y/reading.md", "")
        self.assertIn("14 run folders", self.wrong("records")[0])

    def test_fields(self):
        self.write(f"{RUN}/study.json",
                   '{"cells": [' + ",".join('{"n": 1}' for _ in range(3)) + '], "servers": []}')
        self.assertEqual(len(self.wrong("fields")), 1)  # too few to be believed
        self.write(f"{RUN}/study.json", '{"cells": [{"n": 1, "secret": 2}]}')
        self.assertTrue(any("secret" in line for line in self.wrong("fields")))

    def test_environment(self):
        self.write("docs/reference/environment.md", "`GIVEN`")
        self.assertEqual(len(self.wrong("environment")), 1)  # none found
        self.write("harness/a/b.cc", 'std::getenv("GIVEN")')
        self.assertEqual(self.wrong("environment"), [])
        self.write("kernels/c.cc", 'EnvironmentOr("SECRET", "")')
        self.assertEqual(len(self.wrong("environment")), 1)

    def test_commands(self):
        self.write("bin/iiifbench", f"#!/bin/sh\n[ \"$1\" = load ] && cat <<'E'\n{LOAD_HELP}\nE\n"
                   f"[ \"$1\" = load ] || cat <<'E'\n{HELP}\nE\n", program=True)
        programs = program_help.Programs(os.path.join(self.root, "bin"))
        for right in ("iiifbench load --clients 1,2,4 --quiet", "iiifbench load --run 'a b' 'c d'",
                      "iiifbench load a.json b.json", "iiifbench load --clients=8 | less",
                      "iiifbench load --engine docker   # why", "iiifbench --help",
                      "iiifbench COMMAND --help", "other --none", "iiifbench load --clients N",
                      "build/bench/bin/notbuilt --none", "don't"):
            self.assertIsNone(programs.complaint(right), right)
        for bad in ("iiifbench lode", "iiifbench load --client 3", "iiifbench load --clients 600",
                    "iiifbench load --clients x", "iiifbench load --engine lxc",
                    "iiifbench load --clients", "iiifbench load --quiet=1", "iiifbench load --run a",
                    "iiifbench load 'open"):
            self.assertIsNotNone(programs.complaint(bad), bad)

    def test_examples_of_help(self):
        good = "iiifbench load --quiet\n  iiifbench load a.json b.json"

        def wrong(of_load):
            folder = os.path.join(self.root, "bin")
            text = f"{LOAD_HELP}\nExamples:\n  {of_load}"
            own = f"{HELP}\nExamples:\n  iiifbench --help\n  iiifbench load --quiet"
            self.write("bin/iiifbench", f"#!/bin/sh\n[ \"$1\" = load ] && cat <<'E'\n{text}\nE\n"
                       f"[ \"$1\" = load ] || cat <<'E'\n{own}\nE\n", program=True)
            return list(check.examples(program_help.Programs(folder)))

        self.assertEqual(wrong(good), [])
        self.assertEqual(len(wrong("iiifbench load --quiet")), 1)  # one only
        self.assertEqual(len(wrong(good.replace("--quiet", "--none"))), 1)
        self.assertEqual(len(wrong(good.replace("load --quiet", "--help"))), 1)  # of another
        self.assertEqual(len(wrong(good + " " + "c.json " * 20)), 1)  # too wide

    def test_command_lines_are_found(self):
        text = "Say `iiifbench a`.\n\n    iiifbench b \\\n      --c\n\n```\niiifbench d\n```\n"
        self.assertEqual([line for _, line in texts.code_lines(text)],
                         ["iiifbench a", "iiifbench b   --c", "iiifbench d"])


if __name__ == "__main__":
    unittest.main()
