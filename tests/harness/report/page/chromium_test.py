#!/usr/bin/env python3
"""The page in headless Chromium: nothing on the console, no overflow, at most 1 MB, it prints.

    chromium_test.py PROGRAM ROOT      status 77 where there is no Chromium

Pages: those of the runs kept in results/, and one with long and hostile names. Chromium is driven
over its own pipe (--remote-debugging-pipe), so that no other package is needed.
"""
import base64
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

WIDTHS, MOST_BYTES, PATIENCE = (400, 768, 1200, 2560), 1_000_000, 60


class Browser:
    """One headless Chromium with one tab."""

    def __init__(self, program, profile):
        to_read, self.to = os.pipe()
        self.come, from_write = os.pipe()
        # It reads commands from descriptor 3 and answers on 4: a shell puts them there.
        command = [program, "--headless=new", "--no-sandbox", "--disable-gpu",
                   "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
                   f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{to_read} 4>&{from_write}', "sh", *command],
            pass_fds=(to_read, from_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.left, self.count, self.session, self.events = b"", 0, None, []
        tab = self.do("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.do("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(domain + ".enable")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def message(self):
        while b"\0" not in self.left:
            more = os.read(self.come, 1 << 20)
            if not more:
                raise RuntimeError("Chromium ended")
            self.left += more
        one, _, self.left = self.left.partition(b"\0")
        return json.loads(one)

    def do(self, method, **words):
        self.count += 1
        asked = {"id": self.count, "method": method, "params": words}
        if self.session:
            asked["sessionId"] = self.session
        text = json.dumps(asked).encode() + b"\0"
        while text:
            text = text[os.write(self.to, text):]
        while True:
            answer = self.message()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, url):
        self.events = []
        self.do("Page.navigate", url=url)
        end = time.monotonic() + PATIENCE
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            if time.monotonic() > end:
                raise RuntimeError(f"{url}: did not load")
            self.events.append(self.message())

    def value(self, expression):
        return self.do("Runtime.evaluate", expression=expression,
                       returnByValue=True)["result"].get("value")

    def complaints(self):
        for event in self.events:
            words = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                yield "exception: " + words["exceptionDetails"].get("text", "")
            if event.get("method") == "Runtime.consoleAPICalled" and words["type"] in (
                    "error", "warning", "assert"):
                yield f"console: {words['args']}"
            if event.get("method") == "Log.entryAdded" and words["entry"]["level"] in (
                    "error", "warning"):
                yield "log: " + words["entry"]["text"]
            if event.get("method") == "Network.requestWillBeSent" and not words["request"][
                    "url"].startswith(("file:", "data:")):
                yield "it asks for " + words["request"]["url"]


# What sticks out to the right, apart from what scrolls by itself.
STICKS_OUT = """(() => {
  const scrolls = (e) => { for (e = e.parentElement; e; e = e.parentElement)
    if (e !== document.body && e !== document.documentElement &&
        getComputedStyle(e).overflowX !== 'visible') return true; return false; };
  const wide = [...document.body.querySelectorAll('*')].filter((e) => !scrolls(e) &&
    e.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
  return wide.slice(0, 3).map((e) => e.tagName + ' ' + (e.id || e.className.baseVal ||
    e.className) + ': ' + e.textContent.slice(0, 60)).join(' | '); })()"""


def judge(browser, page):
    """Lines that say what is wrong with this page."""
    size = os.path.getsize(page)
    if size > MOST_BYTES:
        yield f"{size} bytes, {MOST_BYTES} are allowed"
    for scheme in ("light", "dark"):
        browser.do("Emulation.setEmulatedMedia",
                   features=[{"name": "prefers-color-scheme", "value": scheme}])
        for width in WIDTHS:
            browser.do("Emulation.setDeviceMetricsOverride", width=width, height=900,
                       deviceScaleFactor=1, mobile=False)
            browser.open("file://" + page)
            for complaint in browser.complaints():
                yield f"{scheme}, {width} px: {complaint}"
            wide = browser.value("document.documentElement.scrollWidth")
            if wide > width:
                yield f"{scheme}, {width} px: it is {wide} px wide: {browser.value(STICKS_OUT)}"
            if not browser.value("document.body.innerText.trim().length > 0"):
                yield f"{scheme}, {width} px: nothing is shown"
    printed = base64.b64decode(browser.do("Page.printToPDF", printBackground=True)["data"])
    if not printed.startswith(b"%PDF") or len(printed) < 5000:
        yield f"printed, it is {len(printed)} bytes: {printed[:20]}"


def long_names(folder):
    """A study whose names are as long and as hostile as files may make them."""
    name = "https://images.library.example.org/iiif/" + "n" * 200 + "<script>alert(1)</script>"
    cells = [{"server": f"{name}{s}", "recipe": f"recipe{r}{'r' * 60}", "class": kind,
              "page": "map", "path": "full/max/0/default.jpg?" + "q" * 300, "status": "measured",
              "n": 9, "median_ms": 38000.25, "median_low_ms": 37000.5, "median_high_ms": 40000.0,
              "floor_ms": 20.0, "ratio": 1900.1, "ratio_low": 1800.2, "ratio_high": 2000.3,
              "bytes": 190000000, "floor_stages": {"decode": 17.0, "encode": 3.0}, "stages": {},
              "stage_source": "", "faults": [name]}
             for s in range(4) for r in range(4) for kind in ("tile", "full", "crop", "info")]
    study = {"schema": 1, "time": "2026-11-24T00:35:07Z", "commit": "c" * 200,
             "command": "iiifbench study " + name, "machine": {"cpu": name, "cores": 2},
             "libraries": {"jpeg": name}, "reportable": False, "not_reportable": [name] * 9,
             "servers": [{"name": f"{name}{s}", "title": name, "version": name,
                          "status": "measured", "effective": {"workers": name}}
                         for s in range(4)], "cells": cells}
    with open(os.path.join(folder, "study.json"), "w", encoding="utf-8") as file:
        json.dump(study, file)


def main():
    program, root = sys.argv[1:3]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which(
        "google-chrome")
    if chromium is None:
        print("skipped: no Chromium is installed")
        return 77
    wrong = drawn = 0
    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, "long-names")
        os.mkdir(made)
        long_names(made)
        runs = [made] + sorted(glob.glob(os.path.join(root, "results", "*", "*Z-*")))
        browser = Browser(chromium, os.path.join(folder, "profile"))
        try:
            for run in runs:
                page = os.path.join(folder, os.path.basename(run) + ".html")
                done = subprocess.run([program, "page", run, "--out", page], capture_output=True,
                                      text=True, timeout=300, check=False)
                if done.returncode != 0 and run != made:
                    continue  # a record with nothing to draw
                if done.returncode != 0:
                    print(f"{run}: no page: {done.stderr}")
                    wrong += 1
                    continue
                drawn += 1
                for line in judge(browser, page):
                    print(f"{os.path.basename(run)}: {line}")
                    wrong += 1
        finally:
            browser.close()
    print(f"{drawn} pages, {wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
