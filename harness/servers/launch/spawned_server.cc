#include "harness/servers/launch/spawned_server.h"

#include <curl/curl.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace iiifbench {
namespace {

namespace fs = std::filesystem;

// The status of a GET, 0 when there is no answer.
long StatusOf(const std::string& url) {
  CURL* curl = curl_easy_init();
  if (curl == nullptr) return 0;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 5000L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  const std::string trusted = EnvironmentOr("IIIFBENCH_CA_FILE", "");
  if (!trusted.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, trusted.c_str());
  curl_easy_setopt(
      curl, CURLOPT_WRITEFUNCTION,
      +[](char*, size_t size, size_t count, void*) { return size * count; });
  long status = 0;
  if (curl_easy_perform(curl) == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_cleanup(curl);
  return status;
}

class SpawnedServer : public RunningServer {
 public:
  SpawnedServer(SpawnPlan plan, std::unique_ptr<Process> process)
      : plan_(std::move(plan)), process_(std::move(process)) {
    installation = plan_.installation;
    intended = plan_.intended;
  }
  std::string ImageUrl(std::string_view file_name) const override {
    return plan_.image_url + IdentifierOf(file_name);
  }
  std::vector<int> ProcessIds() const override { return ProcessTree(process_->id()); }
  std::vector<LoggedRequest> TakeLog() override {
    if (!plan_.parse_log) return {};
    std::ifstream in(plan_.log);
    in.seekg(log_position_);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    // An entry is only taken when its last line is complete.
    const size_t end = text.rfind('\n');
    if (end == std::string::npos) return {};
    text.resize(end + 1);
    log_position_ += static_cast<std::streamoff>(text.size());
    return plan_.parse_log(text);
  }
  std::string LastLogLines(int lines) const override {
    return LastLines(plan_.output, lines) +
           (plan_.log == plan_.output ? "" : LastLines(plan_.log, lines));
  }
  Result<void> Check() override {
    const std::string ended = process_->Ended();
    if (ended.empty()) return {};
    return Fail(ErrorKind::kIo, "{} ended with {}; its last lines:\n{}", plan_.title, ended,
                LastLogLines(8));
  }
  std::map<std::string, std::string> Behaviour() const override {
    if (!plan_.parse_behaviour) return {};
    std::ifstream in(plan_.log);
    return plan_.parse_behaviour(std::string((std::istreambuf_iterator<char>(in)), {}));
  }

 private:
  SpawnPlan plan_;
  std::unique_ptr<Process> process_;
  std::streamoff log_position_ = 0;
};

}  // namespace

Result<std::unique_ptr<RunningServer>> Spawn(SpawnPlan plan) {
  auto process = Process::Start(plan.argv, plan.environment, plan.output, plan.folder);
  if (!process) return process.error();
  const auto started = std::chrono::steady_clock::now();
  auto server = std::make_unique<SpawnedServer>(plan, std::move(*process));
  for (;;) {
    auto alive = server->Check();
    if (!alive)
      return Fail(ErrorKind::kIo, "{} did not start: {}", plan.title, alive.error().message);
    const long status = StatusOf(plan.ready_url);
    if (status > 0 && status < 500) return std::unique_ptr<RunningServer>(std::move(server));
    if (std::chrono::steady_clock::now() - started > plan.patience) {
      return Fail(ErrorKind::kIo, "{} did not answer {} within {} s; its last lines:\n{}",
                  plan.title, plan.ready_url, plan.patience.count(), server->LastLogLines(8));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::string IdentifierOf(std::string_view file_name) { return PercentEncode(file_name); }

}  // namespace iiifbench
