#!/usr/bin/env python3
"""The programs of examples/ do what they say: examples.py ROOT BIN, with the small corpus made."""
import os
import re
import subprocess
import sys
import tempfile


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, timeout=240, **more)


def main():
    root, bin_folder = sys.argv[1:3]
    base = os.environ.get("IIIFBENCH_CORPUS") or os.path.join(root, "build", "corpus")
    images = os.path.join(base + "-small", "images")
    wrong = []

    def expect(what, right):
        if not right:
            wrong.append(what)

    decode = os.path.join(bin_folder, "example_decode_region")
    for name in ("map_jpeg_q90.jpg", "map_jp2_lossless.jp2", "map_tiff_deflate.tif"):
        file = os.path.join(images, name)
        whole = run(decode, file, 32, 64, 200, 100, 0)
        half = run(decode, file, 32, 64, 200, 100, 1)
        expect(f"{name}: a region as PPM", whole.stdout.startswith(b"P6\n200 100\n255\n")
               and len(whole.stdout) == 15 + 200 * 100 * 3)
        expect(f"{name}: half of it", half.stdout.startswith(b"P6\n100 50\n255\n"))
        outside = run(decode, file, 0, 0, 100000, 10, 0)
        expect(f"{name}: a region outside is told", outside.returncode == 1
               and b"not inside" in outside.stderr)
        level = run(decode, file, 0, 0, 10, 10, 99)
        expect(f"{name}: a level too many is told", level.returncode == 1
               and b"levels 0 to" in level.stderr)
        rendered = run(os.path.join(bin_folder, "example_render_url"), file,
                       "full/100,/0/default.jpg")
        expect(f"{name}: a JPEG answer", rendered.stdout[:2] == b"\xff\xd8"
               and re.search(rb"decode +\d+\.\d\d ms", rendered.stderr))
    expect("no file is told", run(decode, "none", 0, 0, 1, 1, 0).returncode == 1)
    bad = run(os.path.join(bin_folder, "example_render_url"),
              os.path.join(images, "map_jpeg_q90.jpg"), "full/0,/0/default.jpg")
    expect("a bad request is told", bad.returncode == 1 and bad.stderr)

    reader = os.path.join(root, "examples", "read_study.py")
    for machine in os.listdir(os.path.join(root, "results")):
        folder = os.path.join(root, "results", machine)
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            if os.path.exists(os.path.join(folder, name, "study.json")):
                read = run(sys.executable, reader, os.path.join(folder, name))
                expect(f"{name}: is read", read.returncode == 0 and read.stdout.count(b"\n") > 5)
    expect("no study is told", run(sys.executable, reader, "none").returncode == 1)

    with tempfile.TemporaryDirectory() as out:
        load = run(os.path.join(bin_folder, "iiifbench"), "load", "--server", "reference", "--small",
                   "--workload", os.path.join(root, "examples", "workload.json"), "--clients", "1",
                   "--seconds", "0.5", "--warm-up", "0", "--check-seconds", "1", "--quiet",
                   "--out", out)
        expect(f"the workload is sent: {load.stderr.decode()}", load.returncode in (0, 3)
               and any(name.startswith("load-") for name in os.listdir(out)))
    for line in wrong:
        print("failed:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
