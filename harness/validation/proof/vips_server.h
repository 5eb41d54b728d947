// vips_server: a IIIF server made of libvips alone, for proofs that must not stand on our own
// kernels.
//
// The same drawn plans, in other code: loaders, resize and JPEG encoder are libvips', the URL
// syntax and the geometry are its own. A multiplier is rounded and the stage's work repeated; a
// constant delay is worked, not slept. Habits: JPEG "rows" (sequential) and "full", levels by DCT
// scaling; TIFF and JPEG 2000 "region" and "full", levels by page. Truth: a line of JSON per answer
// as the reference server writes it; libvips reads while it decodes, so "decode" holds the reading.
// Threads: one request at a time, libvips with one thread.
#pragma once

#include <string>

#include "harness/validation/proof/drawn_plan.h"

namespace iiifbench {

// What this server does where it cannot do what the plan says, with the names that the truth then
// has.
DrawnPlan AsVipsDoes(DrawnPlan plan);

// Serves on 127.0.0.1 until SIGTERM; the exit status. `images` is a flat folder.
int ServeVips(const nlohmann::json& faults, const std::string& images,
              const std::string& truth_file, int port);

}  // namespace iiifbench
