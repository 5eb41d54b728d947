// jp2/container/channels: which components make the picture, and how they become grey or RGB.
//
// Standard: ITU-T T.800 I.5.3.3 (colour), I.5.3.4 and I.5.3.5 (palette), I.5.3.6 (channel
// definitions). Channels that are no colour (opacity, unspecified) are left out and said so. Where
// nothing is said, 1 and 2 components are grey, 3 and 4 are RGB, and three of which the second is
// subsampled are sYCC, as OpenJPEG's own tool has it.
//
// Errors: kUnsupported for colour spaces that are not converted (Lab and the rest), kBadInput for
// maps that name what is not there. Memory: a few words a channel. Threads: none of its own.
#pragma once

#include <string>
#include <vector>

#include "kernels/codecs/jp2/container/boxes.h"

namespace iiifbench::jp2 {

struct Component {
  int bits = 8;
  bool is_signed = false;
  int dx = 1, dy = 1;  // XRsiz, YRsiz: one sample every dx of the reference grid
};

enum class ColourModel { kGrey, kRgb, kYcc, kCmyk };

struct Channels {
  ColourModel model = ColourModel::kGrey;
  std::vector<MappedChannel> colours;  // 1, 3 or 4, in the model's order
  // The components are the picture's samples: all of them, in order, of one depth and one grid.
  bool plain = true;
  int dx = 1, dy = 1;   // of the finest component in use: the picture's pixels
  std::string dropped;  // for people: "alpha", "2 channels that are no colour"; empty: nothing
  int pixel_channels() const { return model == ColourModel::kGrey ? 1 : 3; }
};

Result<Channels> ChannelsOf(const Source& source, const Boxes& boxes,
                            const std::vector<Component>& components);

}  // namespace iiifbench::jp2
