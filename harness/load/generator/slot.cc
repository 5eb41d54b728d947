#include "harness/load/generator/slot.h"

#include <algorithm>

#include "harness/http/client.h"

namespace iiifbench {
namespace {

size_t OnBody(char* data, size_t size, size_t count, void* to) {
  auto* slot = static_cast<Slot*>(to);
  if (static_cast<int64_t>(slot->body.size() + size * count) > kMostAnswerBytes) return 0;
  const auto* bytes = reinterpret_cast<const uint8_t*>(data);
  slot->body.insert(slot->body.end(), bytes, bytes + size * count);
  return size * count;
}

size_t OnHeader(char*, size_t size, size_t count, void* to) {
  auto* slot = static_cast<Slot*>(to);
  if (slot->first_byte == Instant{}) slot->first_byte = std::chrono::steady_clock::now();
  return size * count;
}

}  // namespace

std::string_view PolicyName(ConnectionPolicy policy) {
  switch (policy) {
    case ConnectionPolicy::kReuse:
      return "reuse";
    case ConnectionPolicy::kFresh:
      return "fresh";
    case ConnectionPolicy::kHttp2:
      return "http2";
  }
  return "";
}

void Configure(Slot& slot, const GenerateOptions& options, curl_slist* headers) {
  CURL* curl = slot.curl = curl_easy_init();
  const bool fresh = options.policy == ConnectionPolicy::kFresh;
  curl_easy_setopt(curl, CURLOPT_PRIVATE, &slot);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, UserAgent().c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &slot);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &slot);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, fresh ? 1L : 0L);
  // Offered in the clear by Upgrade, over TLS by ALPN; whoever does not take it speaks 1.1. All
  // clients wait for the first connection and share it, as a browser's requests do.
  const bool http2 = options.policy == ConnectionPolicy::kHttp2;
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                   http2 ? long{CURL_HTTP_VERSION_2_0} : long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(curl, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L << 10);
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
}

Transfer TransferOf(Slot& slot) {
  curl_off_t dns = 0, connect = 0, tls = 0;
  long connections = 0, version = 0;
  Transfer transfer;
  curl_easy_getinfo(slot.curl, CURLINFO_NAMELOOKUP_TIME_T, &dns);
  curl_easy_getinfo(slot.curl, CURLINFO_CONNECT_TIME_T, &connect);
  curl_easy_getinfo(slot.curl, CURLINFO_APPCONNECT_TIME_T, &tls);
  curl_easy_getinfo(slot.curl, CURLINFO_NUM_CONNECTS, &connections);
  curl_easy_getinfo(slot.curl, CURLINFO_RESPONSE_CODE, &transfer.status);
  curl_easy_getinfo(slot.curl, CURLINFO_HTTP_VERSION, &version);
  const char* type = nullptr;
  curl_easy_getinfo(slot.curl, CURLINFO_CONTENT_TYPE, &type);
  slot.content_type = type == nullptr ? "" : type;
  if (version > 0) transfer.http_version = version == CURL_HTTP_VERSION_2_0 ? "2" : "1.1";
  transfer.reused = connections == 0;
  if (transfer.reused) return transfer;
  transfer.dns = std::chrono::microseconds(dns);
  transfer.connect = std::chrono::microseconds(std::max<curl_off_t>(0, connect - dns));
  transfer.tls = std::chrono::microseconds(tls > 0 ? tls - connect : 0);
  return transfer;
}

}  // namespace iiifbench
