#include "kernels/codecs/jp2/container/channels.h"

#include <algorithm>

namespace iiifbench::jp2 {
namespace {

constexpr int kCmyk = 12, kSrgb = 16, kGreyscale = 17, kSycc = 18;

int ColoursOf(ColourModel model) {
  if (model == ColourModel::kGrey) return 1;
  return model == ColourModel::kCmyk ? 4 : 3;
}

std::string NameOfColour(int enumerated) {
  switch (enumerated) {
    case -1:
    case 15:
      return "bi-level";
    case 1:
    case 3:
    case 4:
      return "YCbCr of JPX";
    case 13:
      return "YCCK";
    case 14:
      return "CIELab";
    case 19:
      return "CIEJab";
    case 20:
      return "e-sRGB";
    case 21:
      return "ROMM-RGB";
    case 24:
      return "e-sYCC";
    default:
      return "unknown";
  }
}

Result<ColourModel> ModelOf(const Source& source, const Boxes& boxes, size_t channels,
                            bool subsampled_chroma) {
  if (boxes.enumerated_colour != 0) {
    switch (boxes.enumerated_colour) {
      case kCmyk:
        return ColourModel::kCmyk;
      case kGreyscale:
        return ColourModel::kGrey;
      case kSycc:
        return channels < 3 ? ColourModel::kGrey : ColourModel::kYcc;
      case kSrgb:
        break;
      default:
        return Fail(ErrorKind::kUnsupported,
                    "{}: JPEG 2000 in colour space {} ({}); grey, sRGB, sYCC, CMYK and ICC "
                    "profiles of these are supported",
                    source.name(), std::max(boxes.enumerated_colour, 0),
                    NameOfColour(boxes.enumerated_colour));
    }
  } else if (boxes.profile_colour == "CMYK") {
    return ColourModel::kCmyk;
  } else if (boxes.profile_colour == "GRAY") {
    return ColourModel::kGrey;
  } else if (!boxes.profile_colour.empty() && boxes.profile_colour != "RGB ") {
    std::string name = boxes.profile_colour;
    for (char& letter : name)
      if (letter < ' ' || letter > '~') letter = '?';
    return Fail(ErrorKind::kUnsupported,
                "{}: JPEG 2000 with an ICC profile for {}; those for GRAY, RGB and CMYK are "
                "supported",
                source.name(), name);
  } else if (channels > 4) {
    return Fail(ErrorKind::kUnsupported,
                "{}: JPEG 2000 of {} components without a word on their colour", source.name(),
                channels);
  }
  if (channels < 3) return ColourModel::kGrey;
  return channels == 3 && subsampled_chroma ? ColourModel::kYcc : ColourModel::kRgb;
}

// The channel that is the model's colour n.
Result<int> ColourChannel(const Source& source, const Boxes& boxes, int n) {
  if (boxes.definitions.empty()) return n;
  for (const ChannelDefinition& d : boxes.definitions)
    if (d.type == 0 && d.association == n + 1) return d.channel;
  // Some writers leave the association open: the whole picture, or nothing in particular.
  int open = 0;
  for (const ChannelDefinition& d : boxes.definitions)
    if (d.type == 0 && (d.association == 0 || d.association == 65535) && open++ == n)
      return d.channel;
  return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: no channel is defined as colour {}",
              source.name(), n + 1);
}

std::string Dropped(const Boxes& boxes, size_t channels, size_t used) {
  if (channels <= used) return "";
  int opacity = 0;
  for (const ChannelDefinition& d : boxes.definitions)
    if (d.type == 1 || d.type == 2) ++opacity;
  const size_t rest = channels - used;
  if (rest == 1 && (opacity == 1 || boxes.definitions.empty())) return "alpha";
  return fmt::format("{} channels that are no colour", rest);
}

}  // namespace

Result<Channels> ChannelsOf(const Source& source, const Boxes& boxes,
                            const std::vector<Component>& components) {
  std::vector<MappedChannel> all;
  if (boxes.palette) {
    if (boxes.mapping.empty())
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: a palette without a component mapping",
                  source.name());
    all = boxes.mapping;
  } else {
    for (size_t c = 0; c < components.size(); ++c)
      all.push_back({.component = static_cast<int>(c)});
  }
  for (const MappedChannel& channel : all) {
    if (channel.component >= static_cast<int>(components.size()) ||
        (channel.column >= 0 && channel.column >= boxes.palette->columns))
      return Fail(ErrorKind::kBadInput,
                  "{}: JPEG 2000: a channel of component {} and palette column {}; there are {} "
                  "components",
                  source.name(), channel.component, channel.column, components.size());
  }
  const bool subsampled_chroma =
      !boxes.palette && components.size() >= 3 && components[1].dx > components[0].dx;
  auto model = ModelOf(source, boxes, all.size(), subsampled_chroma);
  if (!model) return model.error();
  Channels channels{.model = *model};
  for (int n = 0; n < ColoursOf(*model); ++n) {
    auto channel = ColourChannel(source, boxes, n);
    if (!channel) return channel.error();
    if (*channel < 0 || *channel >= static_cast<int>(all.size()))
      return Fail(ErrorKind::kBadInput, "{}: JPEG 2000: colour {} is channel {} of {}",
                  source.name(), n + 1, *channel + 1, all.size());
    channels.colours.push_back(all[static_cast<size_t>(*channel)]);
  }
  channels.dropped = Dropped(boxes, all.size(), channels.colours.size());
  const auto component_of = [&](const MappedChannel& c) -> const Component& {
    return components[static_cast<size_t>(c.component)];
  };
  const Component& first = component_of(channels.colours[0]);
  channels.dx = first.dx, channels.dy = first.dy;
  for (const MappedChannel& c : channels.colours) {
    channels.dx = std::min(channels.dx, component_of(c).dx);
    channels.dy = std::min(channels.dy, component_of(c).dy);
  }
  channels.plain = !boxes.palette &&
                   channels.pixel_channels() == static_cast<int>(components.size()) &&
                   *model != ColourModel::kYcc && *model != ColourModel::kCmyk;
  for (size_t n = 0; n < channels.colours.size(); ++n) {
    const Component& c = component_of(channels.colours[n]);
    if (c.bits > 16)
      return Fail(ErrorKind::kUnsupported, "{}: JPEG 2000 of {} bits; up to 16 bits are supported",
                  source.name(), c.bits);
    if (c.dx % channels.dx != 0 || c.dy % channels.dy != 0)
      return Fail(ErrorKind::kUnsupported,
                  "{}: JPEG 2000 with components at {}x{} and {}x{} of the reference grid",
                  source.name(), channels.dx, channels.dy, c.dx, c.dy);
    channels.plain = channels.plain && channels.colours[n].component == static_cast<int>(n) &&
                     c.bits == first.bits && c.is_signed == first.is_signed && c.dx == 1 &&
                     c.dy == 1;
  }
  return channels;
}

}  // namespace iiifbench::jp2
