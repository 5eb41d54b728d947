// wheels: newer releases of libraries, from a Python virtual environment that the caller names.
//
// A distribution's releases are years old; Python packages bring the newest ones in binary form.
// The packages looked for: pyvips (with a libvips of its own), opencv-python-headless (or another
// that brings cv2), imagecodecs, Pillow. Each has a process of its own (wheel_peer.py) that takes
// the time inside itself, one thread, beside the compiled ones in the same rounds. Nothing is
// installed from here. What runs is the code of that environment: it is trusted like a program.
//
// Errors: a folder without bin/python is the caller's; a package that is missing is one line of the
// list of versions, as for every other peer.
#pragma once

#include <span>
#include <string>

#include "benchmarks/peers/peer.h"

namespace iiifbench::peers {

// Once, before WheelPeers' functions are called.
Result<void> UseEnvironment(const std::string& folder);

// One row a package; none of them is usable before UseEnvironment.
std::span<const Peer> WheelPeers();

}  // namespace iiifbench::peers
