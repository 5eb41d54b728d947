// load_target: where the requests of a load run go: a server that we start over the corpus, or
// URLs.
//
// URLs are asked for their info.json (dimensions, version of the API), but not where a log is
// replayed; their headers come from IIIFBENCH_HEADERS, one a line. A link is one_way_ms[:Mbit/s],
// before http servers only. Memory and processes: ends the server and the link. Errors: kNotFound
// (no such server, not installed), kUnsupported (it takes none of the files), kIo (no info.json, it
// does not start), kBadRequest (the link).
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "harness/http/link_proxy.h"
#include "harness/load/workload/workload.h"
#include "harness/servers/server.h"

namespace iiifbench {

struct TargetOptions {
  std::vector<std::string> urls;  // base URLs of images; of a log: prefix of its paths
  std::string source;             // file behind a single URL; may be empty
  std::string server, engine;
  std::vector<std::string> headers;  // "Name: value", to the URLs
  std::string ca_file;  // certificates to trust; empty: the system's, or IIIFBENCH_CA_FILE
  std::vector<std::string> recipes, pages;  // of the corpus
  bool small = false;
  int workers = 1, threads = 1;
  std::string run_folder;
  const std::atomic<bool>* stop = nullptr;
};

struct LoadTarget {
  std::string name = "given URL", version = "unknown", full_size = "full";
  ApiVersion api = ApiVersion::k2;
  std::vector<WorkloadImage> images;
  std::vector<std::string> image_urls,
      labels;           // beside images; label: the format, where there are several
  std::string log_url;  // prefix of a log's paths
  std::vector<std::string> headers;
  std::vector<std::string> refused;  // files of the corpus that it does not take, and why
  std::unique_ptr<RunningServer> running;
  std::unique_ptr<LinkProxy> link;
};

Result<LoadTarget> StartTarget(const TargetOptions& options);
Result<LoadTarget> AskUrls(const TargetOptions& options, bool log);
// Puts it before all URLs; what it is, in words.
Result<std::string> PutLink(const std::string& link, LoadTarget& target);

}  // namespace iiifbench
