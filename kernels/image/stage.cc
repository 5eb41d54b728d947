#include "kernels/image/stage.h"

namespace iiifbench {

std::string_view StageName(Stage stage) {
  static constexpr std::string_view kNames[kStageCount] = {
      "network", "wait", "read", "decode", "resize", "convert", "encode", "overhead"};
  return kNames[static_cast<size_t>(stage)];
}

}  // namespace iiifbench
