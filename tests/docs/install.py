#!/usr/bin/env python3
"""What is installed works from anywhere: install.py CMAKE BUILD_FOLDER.

Installs into a temporary prefix, moves it, and runs programs there as a user with an empty home.
"""
import os
import subprocess
import sys
import tempfile


def main():
    cmake, build = sys.argv[1:3]
    wrong = []

    def expect(what, right):
        if not right:
            wrong.append(what)

    with tempfile.TemporaryDirectory() as folder:
        first, prefix = os.path.join(folder, "first"), os.path.join(folder, "second")
        done = subprocess.run([cmake, "--install", build, "--prefix", first, "--strip"],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            print(done.stdout[-2000:], done.stderr[-2000:])
            return 1
        os.rename(first, prefix)
        home = os.path.join(folder, "home")
        os.mkdir(home)
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("IIIFBENCH_CORPUS", "XDG_CACHE_HOME")} | {"HOME": home}

        def run(name, *words):
            return subprocess.run([os.path.join(prefix, "bin", name), *words], text=True, cwd=home,
                                  capture_output=True, timeout=300, env=environment)

        help_text = run("iiifbench", "--help")
        expect(f"iiifbench --help: {help_text.stderr}", "attribute" in help_text.stdout)
        corpus = run("iiifbench-corpus", "--small", "--pages", "map", "--recipes", "jpeg_q90")
        made = os.path.join(home, ".cache/iiifbench/corpus-small/images/map_jpeg_q90.jpg")
        expect(f"the corpus is in the user's cache: {corpus.stderr}", os.path.exists(made))
        index = run("iiifbench", "index", made)
        expect(f"an index is written: {index.stderr}", os.path.exists(made + ".mcuindex"))
        study = run("iiifbench", "study", "--servers", "reference", "--small", "--rounds", "1",
                    "--recipes", "jpeg_q90", "--quiet")
        expect(f"a study starts the installed server: {study.stderr}",
               "reference" in study.stdout and study.returncode in (0, 3))
        expect("results are below the current folder",
               os.path.isdir(os.path.join(home, "results")))
        for name in ("lib/iiifbench/iiifbench", "lib/iiifbench/libiiifbench_interpose.so",
                     "lib/iiifbench/region_decode", "share/man/man1/iiifbench.1",
                     "share/bash-completion/completions/iiifbench",
                     "share/zsh/vendor-completions/_iiifbench",
                     "share/fish/vendor_completions.d/iiifbench.fish",
                     "share/doc/iiifbench/copyright", "share/doc/iiifbench/docs/glossary.md",
                     "share/doc/iiifbench/docs/img/page.png",
                     "share/doc/iiifbench/examples/render_url.cc"):
            expect(f"{name} is there", os.path.exists(os.path.join(prefix, name)))
        script = os.path.join(prefix, "share/bash-completion/completions/iiifbench")
        typed = [("lo", "load"), ("load --cli", "--clients"), ("load --engine p", "podman")]
        for line, wanted in typed:
            done = subprocess.run(
                ["bash", "-c", f"source '{script}'; COMP_WORDS=(iiifbench {line}); "
                 "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _iiifbench; echo \"${COMPREPLY[*]}\""],
                capture_output=True, text=True, timeout=60)
            expect(f"'{line}' is completed to {wanted}: {done.stdout}{done.stderr}",
                   done.stdout.strip() == wanted)
        with open(os.path.join(prefix, "share/man/man1/iiifbench.1"), encoding="utf-8") as manual:
            expect("the manual has all commands", ".SS calibrate" in manual.read())
    for line in wrong:
        print("failed:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
