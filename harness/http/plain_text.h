// plain_text: bytes from outside (an error page, a log line, a file name) as text that can be
// stored and shown.
//
// Valid UTF-8 stays; every other byte and every control character but the ones of `keep` is shown
// escaped ("\xE9", "\n"). Standard: RFC 3629 (no overlong forms, no surrogates, nothing above
// U+10FFFF). Threads: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace iiifbench {

std::string PlainText(std::string_view bytes, std::string_view keep = "");

// At most `most` bytes of `text`, cut between letters, with "..." where something was cut.
std::string CutText(std::string_view text, size_t most);

}  // namespace iiifbench
