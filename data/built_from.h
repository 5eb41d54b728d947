// built_from: the commit of the sources that this program was built from, so that a result names
// what measured it and not what lay in the folder when it ran. `git describe` at the time of the
// build, ten digits, with
// "-dirty" when files were changed then; "unknown" outside a repository.
#pragma once

#include <string_view>

namespace iiifbench {

std::string_view BuiltFrom();

}  // namespace iiifbench
