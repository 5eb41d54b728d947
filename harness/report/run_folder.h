// run_folder: where a run leaves its results: results/<machine>/<time>-<commit>/.
#pragma once

#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

// Makes the folder and tries that it can be written; `given` overrides the default place.
Result<std::string> MakeRunFolder(const std::string& given);

}  // namespace iiifbench
