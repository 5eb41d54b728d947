#include "harness/http/client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "harness/http/courtesy.h"
#include "harness/http/failure_kind.h"
#include "harness/http/plain_text.h"
#include "kernels/image/stage_map.h"

namespace iiifbench {

struct Client::Handle {
  CURL* curl = curl_easy_init();
  curl_slist* headers = nullptr;
  ~Handle() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }
};

namespace {

size_t OnBody(char* data, size_t size, size_t count, void* to) {
  auto* exchange = static_cast<Exchange*>(to);
  if (static_cast<int64_t>(exchange->body.size() + size * count) > kMostAnswerBytes) return 0;
  if (exchange->body.empty()) {
    exchange->first_body_byte = std::chrono::steady_clock::now();
    if (exchange->first_byte == std::chrono::steady_clock::time_point{})
      exchange->first_byte = exchange->first_body_byte;
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(data);
  exchange->body.insert(exchange->body.end(), bytes, bytes + size * count);
  return size * count;
}

size_t OnHeader(char* data, size_t size, size_t count, void* to) {
  auto* exchange = static_cast<Exchange*>(to);
  if (exchange->first_byte == std::chrono::steady_clock::time_point{})
    exchange->first_byte = std::chrono::steady_clock::now();
  const std::string_view line(data, size * count);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  auto is = [&](const char* name) {
    return colon == std::string_view(name).size() && ::strncasecmp(data, name, colon) == 0;
  };
  std::string value(line.substr(colon + 1));
  value.erase(0, value.find_first_not_of(" \t"));
  value.erase(value.find_last_not_of(" \t\r\n") + 1);
  if (is("Content-Type")) exchange->content_type = value;
  if (is("Location")) exchange->location = value;
  if (is("Retry-After")) exchange->retry_after = value;
  if (is("WWW-Authenticate")) exchange->authenticate = value;
  if (is("Connection") && ::strcasecmp(value.c_str(), "close") == 0) exchange->closes = true;
  if (is("Age") || is("X-Cache") || is("Via") || is("CF-Cache-Status")) {
    // "Age: 0" is fresh; what was kept longer, or is called a hit, was made for somebody else.
    std::string said = value;
    std::ranges::transform(said, said.begin(), [](unsigned char c) { return std::tolower(c); });
    exchange->from_cache = exchange->from_cache || (is("Age") && std::atoi(value.c_str()) > 0) ||
                           (!is("Via") && said.find("hit") != std::string::npos);
    exchange->cache += fmt::format("{}{}: {}", exchange->cache.empty() ? "" : ", ",
                                   line.substr(0, colon), PlainText(value));
  }
  if (is("Server-Timing"))
    exchange->server_timing += (exchange->server_timing.empty() ? "" : ", ") + value;
  return size * count;
}

std::atomic<const std::atomic<bool>*> stop_of_all{nullptr};

int OnProgress(void* from, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* own = static_cast<const std::atomic<bool>*>(from);
  const auto* all = stop_of_all.load();
  return (own != nullptr && own->load()) || (all != nullptr && all->load()) ? 1 : 0;
}

void AddLines(const std::string& lines, std::vector<std::string>& headers) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    while (line.ends_with('\r') || line.ends_with(' ')) line.pop_back();
    if (!line.empty()) headers.push_back(line);
  }
}

}  // namespace

void StopTransfersWhen(const std::atomic<bool>* stop) { stop_of_all = stop; }

std::vector<std::string> HeadersOfEnvironment() {
  std::vector<std::string> headers;
  if (const char* lines = std::getenv("IIIFBENCH_HEADERS")) AddLines(lines, headers);
  if (const char* file = std::getenv("IIIFBENCH_HEADER_FILE")) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    AddLines(text.str(), headers);
  }
  return headers;
}

std::string UserAgent() { return "iiifbench/" IIIFBENCH_VERSION; }

std::string CertificatesToTrust(const std::string& given) {
  const char* set = std::getenv("IIIFBENCH_CA_FILE");
  return given.empty() && set != nullptr ? set : given;
}

Client::Client(const ClientOptions& options)
    : handle_(std::make_unique<Handle>()), options_(options) {
  for (const auto& header : options_.headers)
    handle_->headers = curl_slist_append(handle_->headers, header.c_str());
  options_.ca_file = CertificatesToTrust(options_.ca_file);
}
Client::~Client() = default;

Exchange Client::Get(const std::string& url) {
  Courtesy* courtesy = CourtesyOfAll();
  if (courtesy == nullptr) return Get(url, std::chrono::steady_clock::now());
  if (const std::string why = courtesy->Wait(); !why.empty()) {
    Exchange none{.url = url, .error = why, .failure = kNotSent};
    none.due = none.sent = none.first_byte = none.done = none.first_body_byte =
        std::chrono::steady_clock::now();
    return none;
  }
  const auto now = std::chrono::steady_clock::now();
  // No answer is waited for beyond the end.
  const auto patience = options_.timeout;
  if (courtesy->until() - now < patience)
    options_.timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(courtesy->until() - now) +
        std::chrono::milliseconds(1);
  Exchange exchange = Get(url, now);
  options_.timeout = patience;
  courtesy->Answered(exchange);
  return exchange;
}

Exchange Client::Get(const std::string& url, std::chrono::steady_clock::time_point due) {
  Exchange exchange{.url = url, .due = due};
  CURL* curl = handle_->curl;
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, UserAgent().c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  if (options_.stop != nullptr || stop_of_all.load() != nullptr) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, OnProgress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, options_.stop);
  }
  if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, options_.keep_alive ? 0L : 1L);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L << 10);
  exchange.sent = std::chrono::steady_clock::now();
  const CURLcode code = curl_easy_perform(curl);
  exchange.done = std::chrono::steady_clock::now();
  if (code != CURLE_OK) {
    exchange.error = curl_easy_strerror(code);
    exchange.failure = TransferFailure(code, exchange.body.size());
    // Ours, not a failure to write as curl has it.
    if (code == CURLE_WRITE_ERROR) exchange.error = "the answer is " + exchange.failure;
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange.status);
  long connections = 0;
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connections);
  exchange.reused = connections == 0;
  curl_off_t dns = 0, connect = 0, tls = 0, total = 0;
  curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &total);
  exchange.lag = std::max(
      std::chrono::nanoseconds{},
      exchange.done - exchange.due - std::chrono::nanoseconds(std::chrono::microseconds(total)));
  curl_easy_getinfo(curl, CURLINFO_NAMELOOKUP_TIME_T, &dns);
  curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connect);
  curl_easy_getinfo(curl, CURLINFO_APPCONNECT_TIME_T, &tls);
  if (!exchange.reused) {
    exchange.dns = std::chrono::microseconds(dns);
    exchange.connect = std::chrono::microseconds(std::max<curl_off_t>(0, connect - dns));
    exchange.tls = std::chrono::microseconds(tls > 0 ? tls - connect : 0);
  }
  return exchange;
}

ServerTiming ParseServerTiming(const std::string& header) {
  ServerTiming timing;
  for (size_t start = 0; start < header.size();) {
    const size_t end = std::min(header.find(',', start), header.size());
    std::string_view part(header.data() + start, end - start);
    start = end + 1;
    part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
    const size_t semicolon = part.find(';'), duration = part.find("dur=");
    if (semicolon == std::string_view::npos || duration == std::string_view::npos) continue;
    const std::string_view name = part.substr(0, semicolon);
    const double milliseconds =
        std::strtod(std::string(part.substr(duration + 4)).c_str(), nullptr);
    const auto time = std::chrono::nanoseconds(static_cast<int64_t>(milliseconds * 1e6));
    if (name == "total") timing.total = time;
    if (const auto stage = StageNamed(name)) {
      timing.stages[*stage] += time;
      timing.named.push_back(*stage);
    }
  }
  return timing;
}

}  // namespace iiifbench
