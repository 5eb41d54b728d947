#include "kernels/codecs/opened.h"

namespace iiifbench {

Result<Opened> OpenImage(const std::string& path) {
  auto source = Source::Open(path);
  if (!source) return source.error();
  auto codec = CodecOf(**source);
  if (!codec) return codec.error();
  auto info = (*codec)->probe(**source);
  if (!info) return info.error();
  return Opened{.source = std::move(*source), .codec = *codec, .info = std::move(*info)};
}

}  // namespace iiifbench
