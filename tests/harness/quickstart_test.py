#!/usr/bin/env python3
"""harness/quickstart with programs that only print: a line a step, then an answer of 30 lines.

    quickstart_test.py ROOT
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = sys.argv.pop() if len(sys.argv) > 1 else os.getcwd()
STUDY = """#!/bin/sh
while [ $# -gt 1 ]; do [ "$1" = --out ] && out=$2; shift; done
echo "iiifbench study: one server died" >&2
i=0; while [ $i -lt %d ]; do echo "answer $i"; i=$((i + 1)); done
echo "saved: $out/study.json"
i=0; while [ $i -lt %d ]; do echo "server $i: decode 4 ms"; i=$((i + 1)); done
exit %d
"""
PAGE = '#!/bin/sh\n[ "$1" = page ] || exec "$(dirname "$0")/study" "$@"\n: >"$2/page.html"\n'
NOISY = "#!/bin/sh\ni=0; while [ $i -lt 500 ]; do echo noise $i; i=$((i + 1)); done\nexit %d\n"


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        self.write("harness/install-packages", NOISY % 0)
        shutil.copy(os.path.join(ROOT, "harness/quickstart"), os.path.join(self.root, "harness"))
        self.write("path/cmake", NOISY % 0)
        for name in ("corpus", "region_decode", "resolution_level", "resize"):
            self.write(f"build/bench/bin/{name}", NOISY % 0)
        self.write("build/bench/bin/iiifbench", PAGE)
        self.write("build/bench/bin/study", STUDY % (60, 30, 0))

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def run_it(self, *words):
        path = os.path.join(self.root, "path") + ":" + os.environ["PATH"]
        done = subprocess.run([os.path.join(self.root, "harness/quickstart"), *words],
                              capture_output=True, text=True, timeout=120, cwd=self.root,
                              env={**os.environ, "PATH": path}, check=False)
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    def test_a_line_a_step_then_the_answer(self):
        status, out, err = self.run_it("--out", "run")
        self.assertEqual(status, 0, err)
        steps = [line for line in err if "/5 " in line]
        self.assertEqual(len(steps), 5, err)
        for line in steps:
            self.assertRegex(line, r"^[1-5]/5 .* \.\.\. 0 min \d\d s$")
        self.assertIn("iiifbench study: one server died", err)
        self.assertLessEqual(len(err), 7, err)
        self.assertLessEqual(len(out), 30, out)
        self.assertEqual(out[0], "answer 0")
        self.assertIn(f"page: {self.root}/run/page.html", out)
        self.assertTrue(any("answer.txt" in line for line in out), out)
        self.assertNotIn("noise", "".join(out + err))
        for name in ("1-build", "2-corpus", "3-kernels", "4-study", "answer"):
            self.assertGreater(os.path.getsize(f"{self.root}/run/logs/{name}.txt"), 0, name)

    def test_a_short_answer_is_whole(self):
        self.write("build/bench/bin/study", STUDY % (3, 2, 0))
        _, out, _ = self.run_it("--out", "run")
        self.assertEqual(out[:6], ["answer 0", "answer 1", "answer 2", "Where the time goes:",
                                   "server 0: decode 4 ms", "server 1: decode 4 ms"])
        self.assertFalse(any(line.startswith("...") for line in out), out)

    def test_a_build_that_fails_shows_its_last_lines(self):
        self.write("path/cmake", NOISY % 7)
        status, out, err = self.run_it()
        self.assertEqual(status, 7)
        self.assertEqual(out, [])
        self.assertIn("  noise 499", err)
        self.assertLessEqual(len(err), 20, err)
        self.assertIn('stopped in step "1/5 packages and build"', "\n".join(err))

    def test_the_page_is_drawn_though_a_server_fails(self):
        self.write("build/bench/bin/study", STUDY % (3, 2, 3))
        status, out, _ = self.run_it("--out", "run")
        self.assertEqual(status, 3)
        self.assertIn(f"page: {self.root}/run/page.html", out)

    def test_verbose_prints_and_keeps_all(self):
        status, _, err = self.run_it("--verbose", "--out", "run")
        self.assertEqual(status, 0)
        self.assertGreater(len(err), 2000)
        self.assertGreater(os.path.getsize(f"{self.root}/run/logs/2-corpus.txt"), 1000)

    def test_build_only_and_wrong_calls(self):
        status, out, err = self.run_it("--build-only")
        self.assertEqual((status, out, len(err)), (0, [], 1))
        self.assertEqual(self.run_it("--none")[0], 2)
        self.assertEqual(self.run_it("--images", "nowhere")[0], 2)


if __name__ == "__main__":
    unittest.main()
