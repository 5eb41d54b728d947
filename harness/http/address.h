// address: the parts of a URL that people give, and what may be shown of it.
//
// Standard: RFC 3986, clause 3 (scheme, userinfo, host, port, path, query). A query of the base URL
// stays behind every path that is put below it ("http://h/i?token=x" + "/info.json" =
// "http://h/i/info.json?token=x"). Secrets: userinfo and the values of a query never stand in a
// result, a log or a page; requests are sent with them. Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "kernels/image/result.h"

namespace iiifbench {

struct Address {
  std::string scheme;    // "http" or "https"
  std::string userinfo;  // "user:password"; empty: none
  std::string host;      // without the brackets of IPv6
  int port = 0;          // 80 and 443 where none is given
  std::string path;      // "/iiif/2/page.jpg"; may be empty
  std::string query;     // without '?'
};

// Error: kBadRequest with what is missing or wrong and an example.
Result<Address> ParseAddress(std::string_view url);

// The host and, where it is not the scheme's own, the port: as a Host header has it.
std::string HostAndPort(const Address& address);

// `path` ("/info.json", "info.json") below `base`, before the query of `base`.
std::string Below(std::string_view base, std::string_view path);

// `url` for people and results: no userinfo, "?..." for a query. What is no URL comes back as it
// is.
std::string WithoutSecrets(std::string_view url);

// `text` in which each appearance of the userinfo, password or query of `url` is replaced.
std::string WithoutSecretsOf(std::string text, std::string_view url);

// This machine or a private network, by the name's spelling alone: localhost, 127.0.0.0/8, ::1,
// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, fc00::/7, fe80::/10, names without a
// dot and those that end in .local, .localdomain, .internal, .lan or .home.arpa.
bool IsNear(std::string_view host);

}  // namespace iiifbench
