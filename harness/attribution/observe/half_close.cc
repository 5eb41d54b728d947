#include "harness/attribution/observe/half_close.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cmath>
#include <memory>

#include "harness/http/address.h"
#include "harness/stats/milliseconds.h"

namespace iiifbench {

std::optional<double> HalfCloseRoundTripMs(const std::string& url, double limit_ms) {
  using std::chrono::steady_clock;
  auto address = ParseAddress(url);
  if (!address) return {};
  // In the clear whatever the scheme: the end of a connection needs no TLS.
  const std::string root = "http://" + HostAndPort(*address) +
                           (address->scheme == "https" && address->port == 443 ? ":443" : "");
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (curl == nullptr) return {};
  curl_easy_setopt(curl.get(), CURLOPT_URL, root.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, std::lround(std::ceil(limit_ms)));
  if (curl_easy_perform(curl.get()) != CURLE_OK) return {};
  const auto start = steady_clock::now();
  curl_off_t dns = 0, connect = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_NAMELOOKUP_TIME_T, &dns);
  curl_easy_getinfo(curl.get(), CURLINFO_CONNECT_TIME_T, &connect);
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(curl.get(), CURLINFO_ACTIVESOCKET, &socket);
  if (socket == CURL_SOCKET_BAD || ::shutdown(socket, SHUT_WR) != 0) return {};
  for (;;) {
    const double left = limit_ms - MsOf(steady_clock::now() - start);
    pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
    if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(std::ceil(left))) <= 0) return {};
    char bytes[512];  // "408 Request Timeout" of one that says goodbye
    const ssize_t got = ::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) continue;
    const double ended = MsOf(steady_clock::now() - start);
    return (static_cast<double>(connect - dns) / 1000 + ended) / 2;
  }
}

}  // namespace iiifbench
