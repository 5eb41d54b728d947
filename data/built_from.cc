#include "data/built_from.h"

#include "built_commit.h"

namespace iiifbench {

std::string_view BuiltFrom() { return IIIFBENCH_BUILT_COMMIT; }

}  // namespace iiifbench
