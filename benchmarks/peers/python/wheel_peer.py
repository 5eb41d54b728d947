"""Runs tasks of the peers benchmark with one package of a virtual environment and tells how long each took.

Usage: wheel_peer.py PACKAGE. One JSON object a line each way, as process.h says. A task with "plan" asks which ways
the package has of doing it: {"ways": [{"label": text, "differs": text}]}. Without it, "way" is the number of one.

A turn takes samples until they fill 2 ms, so that a short job is as warm here as it is in the benchmark's own process.
The time is around the library's own work: raw input is loaded once a file name, results are written only for "keep".
"""
import ctypes
import importlib.metadata
import json
import os
import sys
import time

# One thread, before any library reads them.
for name in ("VIPS_CONCURRENCY", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ[name] = "1"

SHORTEST_TURN = 2e-3  # s
held = {}  # the last raw input


def keep_freed_memory():
    """What the benchmark asks of malloc for itself: freed memory stays with the process."""
    m_trim_threshold, m_mmap_threshold = -1, -3
    for option in (m_mmap_threshold, m_trim_threshold):
        ctypes.CDLL(None).mallopt(option, 1 << 30)


def raw(task, load):
    """The task's pixels as `load` makes them from bytes, once a file name."""
    if task["path"] not in held:
        held.clear()
        with open(task["path"], "rb") as file:
            held[task["path"]] = load(file.read())
    return held[task["path"]]


def pyvips_package():
    import pyvips

    pyvips.cache_set_max(0)
    version = "libvips " + ".".join(str(pyvips.version(i)) for i in range(3))
    try:
        brought = importlib.metadata.version("pyvips-binary")
    except importlib.metadata.PackageNotFoundError:
        brought = ""
    # pip builds pyvips against the system's libvips where that has headers, and the wheel's stays unused.
    loaded = [str(pyvips.version(i)) for i in (0, 1)]
    unused = "; pyvips-binary {} is there but was not loaded".format(brought)
    if not brought or brought.split(".")[:2] == loaded:
        unused = ""
    kernels = {"triangle": "linear", "bicubic": "cubic", "lanczos3": "lanczos3"}

    def has(operation):
        return pyvips.type_find("VipsOperation", operation) != 0

    def source(task):
        width, height = task["whole"]
        data = raw(task, lambda data: data)
        return pyvips.Image.new_from_memory(data, width, height, 3, "uchar")

    def resize(task):
        across, down = (task["whole"][i] / task["out"][i] for i in (0, 1))
        if task["filter"] == "box":
            return source(task).shrink(across, down).write_to_memory()
        return source(task).reduce(across, down, kernel=kernels[task["filter"]]).write_to_memory()

    def region(task):
        if task["format"] == "jpeg":
            image = pyvips.Image.jpegload(task["path"], shrink=1 << task["level"], access="sequential")
        elif task["format"] == "jp2":
            image = pyvips.Image.jp2kload(task["path"], page=task["level"])
        else:
            # A wheel without the compression would else answer black.
            image = pyvips.Image.tiffload(task["path"], page=task["level"], fail_on="error")
        return image.crop(*task["box"])

    def jpeg(image, task):
        # Chroma is halved like everybody's: libvips would keep it whole from quality 90 on.
        return image.jpegsave_buffer(Q=task["quality"], subsample_mode="on")

    def request(task):
        if task["full"]:
            width, height = task["out"]
            return jpeg(pyvips.Image.thumbnail(task["path"], width, height=height), task)
        return jpeg(region(task), task)

    def encode(task):
        image = source(task)
        if task["format"] == "jpeg":
            return jpeg(image, task)
        if task["format"] == "png":
            return image.pngsave_buffer(compression=3, filter="sub")
        if task["format"] == "webp":
            return image.webpsave_buffer(Q=task["quality"])
        if task["format"] == "jp2":
            return image.jp2ksave_buffer(lossless=True, tile_width=image.width, tile_height=image.height)
        compression = task["compression"]
        return image.tiffsave_buffer(
            compression=compression if compression in ("lzw", "zstd", "deflate", "jpeg") else "none", Q=task["quality"],
            level=task["compression_level"], predictor="horizontal", tile=True, tile_width=task["tile"][0],
            tile_height=task["tile"][1])

    def ways(task):
        kind, name = task["kind"], "pyvips, " + version
        if kind == "resize":
            return [(name + (" shrink" if task["filter"] == "box" else " reduce"), "", resize)]
        if kind == "encode":
            # Its JPEG 2000 has a quality in dB instead of a ratio.
            if task["format"] == "jp2" and not (task["lossless"] and has("jp2ksave_buffer")):
                return []
            return [(name, "", encode)]
        if task["format"] == "jp2" and not has("jp2kload"):
            return []
        if kind == "region":
            return [(name, "", lambda task: region(task).write_to_memory())]
        return [(name + (" thumbnail" if task["full"] else ""), "", request)]

    return version + unused, ways


def opencv_package():
    import cv2
    import numpy

    cv2.setNumThreads(1)
    version = "OpenCV " + cv2.__version__
    reduced = [cv2.IMREAD_COLOR, cv2.IMREAD_REDUCED_COLOR_2, cv2.IMREAD_REDUCED_COLOR_4, cv2.IMREAD_REDUCED_COLOR_8]
    filters = {"box": ("AREA", cv2.INTER_AREA), "triangle": ("LINEAR", cv2.INTER_LINEAR),
               "bicubic": ("CUBIC", cv2.INTER_CUBIC), "lanczos3": ("LANCZOS4", cv2.INTER_LANCZOS4)}

    def pixels(task):
        width, height = task["whole"]
        return raw(task, lambda data: numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3))

    def blue_first(task):
        width, height = task["whole"]
        return raw(task, lambda data: cv2.cvtColor(
            numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3), cv2.COLOR_RGB2BGR))

    def resize(task):
        return cv2.resize(pixels(task), tuple(task["out"]), interpolation=filters[task["filter"]][1])

    def region(task):
        image = cv2.imread(task["path"], reduced[task["level"]])
        if image is None:
            raise ValueError("cannot read " + task["path"])
        x, y, width, height = task["box"]
        return image[y:y + height, x:x + width]

    def write(image, task):
        if task["kind"] == "encode" and task["format"] == "png":
            return cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1]
        if task["kind"] == "encode" and task["format"] == "webp":
            return cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, task["quality"]])[1]
        return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, task["quality"]])[1]

    def request(task):
        return write(cv2.resize(region(task), tuple(task["out"]), interpolation=cv2.INTER_AREA), task)

    def ways(task):
        kind = task["kind"]
        if kind == "resize":
            word = filters[task["filter"]][0]
            return [(version + " " + word, "" if word == "AREA" else "no antialiasing", resize)]
        if kind == "encode":
            if task["format"] not in ("jpeg", "png", "webp"):
                return []
            return [(version, "", lambda task: write(blue_first(task), task).tobytes())]
        # A TIFF is read whole, first page only; JPEG 2000 is imagecodecs' part.
        if task["format"] != "jpeg":
            return []
        label = version if task["full"] else version + ", whole decode"
        if kind == "region":
            # What is kept is turned to RGB after the clock: nobody who works in OpenCV would.
            return [(label, "", region, lambda image: cv2.cvtColor(image, cv2.COLOR_BGR2RGB))]
        return [(label, "", lambda task: request(task).tobytes())]

    return version, ways


def imagecodecs_package():
    import imagecodecs
    import numpy

    versions = imagecodecs.version(dict)

    def called(key, name):
        return "{} {}".format(name, str(versions.get(key, "of unknown version")).split("/")[0])

    libraries = {"jpeg": called("libjpeg_turbo", "libjpeg-turbo"), "jp2": called("openjpeg", "OpenJPEG"),
                 "htj2k": called("openjph", "OpenJPH"), "tiff": called("libtiff", "libtiff"),
                 "png": called("libpng", "libpng"), "webp": called("libwebp", "libwebp")}

    def decode(task, data):
        if task["format"] == "jpeg":
            return imagecodecs.jpeg8_decode(data)
        if task["format"] == "tiff":
            return imagecodecs.tiff_decode(data, index=task["level"])
        if task["high_throughput"]:
            return imagecodecs.htj2k_decode(data, skipres=task["level"])
        return imagecodecs.jpeg2k_decode(data, numthreads=1)

    def region(task):
        with open(task["path"], "rb") as file:
            image = decode(task, file.read())
        x, y, width, height = task["box"]
        return image[y:y + height, x:x + width]

    def encode(task):
        width, height = task["whole"]
        pixels = raw(task, lambda data: numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3))
        if task["format"] == "jpeg":
            return imagecodecs.jpeg8_encode(pixels, level=task["quality"], subsampling="420")
        if task["format"] == "png":
            return imagecodecs.png_encode(pixels, level=3)
        if task["format"] == "webp":
            return imagecodecs.webp_encode(pixels, level=task["quality"], lossless=False, numthreads=1)
        return imagecodecs.jpeg2k_encode(pixels, reversible=True, level=0, numthreads=1)

    def ways(task):
        kind, format = task["kind"], task["format"]
        library = libraries["htj2k" if task["high_throughput"] else format] if format else ""
        label = "imagecodecs, " + library
        if kind == "encode":
            if format == "tiff" or (format == "jp2" and not task["lossless"]):
                return []
            return [(label, "", encode)]
        # It resizes nothing; of JPEG and JPEG 2000 it decodes no smaller level.
        if kind != "region" or (task["level"] and format != "tiff" and not task["high_throughput"]):
            return []
        return [(label + ("" if task["full"] else ", whole decode"), "", region)]

    return "imagecodecs {} ({})".format(imagecodecs.__version__, ", ".join(libraries.values())), ways


def pillow_package():
    import PIL
    import pillow_peer
    from PIL import Image

    version = "Pillow " + PIL.__version__

    def source(task):
        return raw(task, lambda data: Image.frombytes("RGB", tuple(task["whole"]), data))

    def resize(task):
        return source(task).resize(tuple(task["out"]), pillow_peer.FILTERS[task["filter"]])

    def encode(task):
        return pillow_peer.encoded(source(task), task["quality"], task["format"], task["ratio"])

    def request(task):
        image = pillow_peer.region(task)
        if image.size != tuple(task["out"]):
            image = image.resize(tuple(task["out"]), pillow_peer.FILTERS["bicubic"])
        return pillow_peer.encoded(image, task["quality"])

    def ways(task):
        kind = task["kind"]
        if kind == "resize":
            return [(version, "", resize)]
        # It writes no tiles.
        if task["format"] == "tiff" and kind != "region":
            return []
        if kind == "encode":
            return [(version, "", encode)]
        label = version if task["full"] else version + ", whole decode"
        return [(label, "", pillow_peer.region if kind == "region" else request)]

    return version, ways


PACKAGES = {"pyvips": pyvips_package, "opencv-python": opencv_package, "imagecodecs": imagecodecs_package,
            "Pillow": pillow_package}


def one_line(error):
    text = " ".join(str(error).split())[:200]
    return text or type(error).__name__


def plan(ways):
    return {"ways": [{"label": way[0], "differs": way[1]} for way in ways]}


def kept(answer, task, after):
    """Writes what came of a task; its size, or [0, 0] of encoded bytes."""
    if after is not None:
        answer = after(answer)
    if task["kind"] in ("encode", "request"):
        size = [0, 0]
    elif hasattr(answer, "shape"):
        size = [answer.shape[1], answer.shape[0]]
    elif hasattr(answer, "size") and hasattr(answer, "mode"):
        size = list(answer.size)
    else:  # the bytes of pixels, of the size that was asked for
        size = task["out"] if task["kind"] == "resize" else task["box"][2:]
    with open(task["keep"], "wb") as file:
        file.write(answer.tobytes() if hasattr(answer, "tobytes") else bytes(answer))
    return size


def turn(task, way):
    samples = []
    answer = None
    work, after = way[2], way[3] if len(way) > 3 else None
    if task["kind"] in ("resize", "encode") and task["path"] not in held:
        work(task)  # loads the raw input
    processor = time.process_time()
    while not samples or sum(samples) < SHORTEST_TURN:
        answer = None  # its memory is free for the next one, as in the benchmark's own loop
        start = time.perf_counter()
        answer = work(task)
        samples.append(time.perf_counter() - start)
    processor = time.process_time() - processor
    size = kept(answer, task, after) if task["keep"] else [0, 0]
    return {"ms": [1e3 * sample for sample in samples], "processor_ms": 1e3 * processor / len(samples), "size": size}


def main(package):
    # The protocol keeps the standard output for itself, whatever a library prints.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(answer):
        out.write(json.dumps(answer) + "\n")
        out.flush()

    keep_freed_memory()
    try:
        version, ways = PACKAGES[package]()
    except Exception as error:  # also a package that is there and cannot be loaded
        say({"error": "{} has no usable {}: {}".format(sys.prefix, package, one_line(error))})
        return
    say({"version": version})
    for line in sys.stdin:
        try:
            task = json.loads(line)
            choice = ways(task)
            say(plan(choice) if task.get("plan") else turn(task, choice[task["way"]]))
        except Exception as error:  # the other side names the case
            say({"error": one_line(error)})


if __name__ == "__main__":
    main(sys.argv[1])
