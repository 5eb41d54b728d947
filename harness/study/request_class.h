// request_class: what real clients ask, as named classes: info, full, level, crop, crop+resize,
// tile, line.
//
// Sizes are chosen so that resize is really exercised: full and crop+resize are no powers of two;
// level and tile are, as viewers send. Positions are odd, so that regions are not aligned with
// tiles, except tile.
#pragma once

#include <string>
#include <vector>

#include "kernels/image/image.h"

namespace iiifbench {

struct RequestClass {
  std::string name;
  std::string path;  // after the identifier: "1201,1803,1024,1024/410,/0/default.jpg"; "info.json"
};

// The classes for an image; small images get smaller requests. `full_size`: how the server spells
// all pixels.
std::vector<RequestClass> RequestClasses(Size image);
// The operations of the founding study: info (its metadata), full-size (all pixels), crop, full
// (its resize), crop+resize.
std::vector<RequestClass> FoundingClasses(Size image);
// All pixels but the last column, at full size. A server that streams the source for a full-size
// request in the source's own format has to decode and encode for this one, so that it is the work
// that full-size is for the others.
RequestClass FullSizeCropped(Size image);

}  // namespace iiifbench
