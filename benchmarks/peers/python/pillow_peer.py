"""Runs one task of the peers benchmark after the other with Pillow and tells how long each took.

One JSON object a line on standard input, one on standard output. The time is taken around Pillow's own work;
input pixels are loaded once per file name, results are written only when "keep" names a file.
"""
import io
import json
import sys
import time

import PIL
from PIL import Image

FILTERS = {"box": Image.BOX, "triangle": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}
held = {}  # the last raw input


def raw(task):
    if task["path"] not in held:
        held.clear()
        with open(task["path"], "rb") as file:
            held[task["path"]] = Image.frombytes("RGB", tuple(task["whole"]), file.read())
    return held[task["path"]]


def region(task):
    image = Image.open(task["path"])
    step = 1 << task["level"]
    if task["format"] == "jpeg" and task["level"]:
        image.draft("RGB", (task["whole"][0] // step, task["whole"][1] // step))
    if task["format"] == "tiff":
        image.seek(task["level"])
    if task["format"] == "jp2":
        image.reduce = task["level"]
    x, y, width, height = task["box"]
    part = image.crop((x, y, x + width, y + height))
    part.load()
    return part


def encoded(image, quality, format="jpeg", ratio=0):
    out = io.BytesIO()
    if format == "png":
        image.save(out, "PNG", compress_level=3)
    elif format == "webp":
        image.save(out, "WEBP", quality=quality)
    elif format == "jp2" and ratio:
        image.save(out, "JPEG2000", irreversible=True, quality_mode="rates", quality_layers=[ratio], num_resolutions=7)
    elif format == "jp2":
        image.save(out, "JPEG2000", num_resolutions=7)
    else:
        image.save(out, "JPEG", quality=quality, subsampling="4:2:0")
    return out.getvalue()


def run(task):
    kind = task["kind"]
    source = raw(task) if kind in ("resize", "encode") else None
    start = time.perf_counter()
    if kind == "resize":
        answer = source.resize(tuple(task["out"]), FILTERS[task["filter"]])
    elif kind == "encode":
        answer = encoded(source, task["quality"], task["format"], task["ratio"])
    else:
        answer = region(task)
        if kind == "request":
            if answer.size != tuple(task["out"]):
                answer = answer.resize(tuple(task["out"]), FILTERS["bicubic"])
            answer = encoded(answer, task["quality"])
    elapsed = (time.perf_counter() - start) * 1e3
    if task["keep"]:
        with open(task["keep"], "wb") as file:
            file.write(answer if isinstance(answer, bytes) else answer.tobytes())
    return {"ms": elapsed, "size": [0, 0] if isinstance(answer, bytes) else answer.size}


if __name__ == "__main__":
    print(json.dumps({"version": PIL.__version__}), flush=True)
    for line in sys.stdin:
        try:
            print(json.dumps(run(json.loads(line))), flush=True)
        except Exception as error:  # the other side names the case
            print(json.dumps({"error": repr(error)}), flush=True)
