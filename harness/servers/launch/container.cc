#include "harness/servers/launch/container.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/servers/launch/spawned_server.h"

namespace iiifbench {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// Runs a command of the engine to its end.
Result<void> RunToEnd(const std::vector<std::string>& argv, const std::string& log,
                      std::chrono::seconds patience, const std::atomic<bool>* stop) {
  auto process = Process::Start(argv, {}, log);
  if (!process) return process.error();
  const auto until = steady_clock::now() + patience;
  while ((*process)->Ended().empty()) {
    if (stop != nullptr && stop->load()) return Fail(ErrorKind::kIo, "stopped");
    if (steady_clock::now() > until)
      return Fail(ErrorKind::kIo, "not done within {} s; its last lines:\n{}", patience.count(),
                  LastLines(log, 8));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const std::string ended = (*process)->Ended();
  if (ended == "exit status 0") return {};
  return Fail(ErrorKind::kIo, "{}; its last lines:\n{}", ended, LastLines(log, 8));
}

// A container by the file that holds its id; stopped with this object.
struct Container {
  std::string engine, id_file, log;

  Container(std::string engine_, const std::string& folder)
      : engine(std::move(engine_)),
        id_file(folder + "/container.id"),
        log(folder + "/engine.out") {}
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  ~Container() {
    const std::string name = Id();
    if (name.empty()) return;
    // A container that has ended is removed already: then both have nothing to do.
    constexpr std::chrono::seconds kPatience(15);
    if (!RunToEnd({engine, "stop", "-t", "2", name}, log, kPatience, nullptr))
      static_cast<void>(RunToEnd({engine, "rm", "-f", name}, log, kPatience, nullptr));
  }
  std::string Id() const {
    std::ifstream in(id_file);
    std::string name;
    in >> name;
    return name;
  }
  // Empty where the engine's processes are not this machine's.
  std::vector<int> ProcessIds() const {
    const std::string name = Id();
    const int first =
        std::atoi(OutputOf({engine, "inspect", "--format", "{{.State.Pid}}", name}).c_str());
    std::ifstream in(fmt::format("/proc/{}/cgroup", first));
    const std::string groups(std::istreambuf_iterator<char>(in), {});
    if (name.empty() || first <= 1 || groups.find(name) == std::string::npos) return {};
    return ProcessTree(first);
  }
};

class ContainerServer : public RunningServer {
 public:
  ContainerServer(std::unique_ptr<RunningServer> client, std::unique_ptr<Container> container)
      : client_(std::move(client)), container_(std::move(container)) {
    intended = client_->intended;
    installation = client_->installation;
  }
  std::string ImageUrl(std::string_view file_name) const override {
    return client_->ImageUrl(file_name);
  }
  std::vector<int> ProcessIds() const override {
    // Once: asking the engine costs more than what is measured with it.
    if (!asked_) ids_ = container_->ProcessIds();
    asked_ = true;
    return ids_;
  }
  std::vector<LoggedRequest> TakeLog() override { return client_->TakeLog(); }
  std::string LastLogLines(int lines) const override { return client_->LastLogLines(lines); }
  Result<void> Check() override { return client_->Check(); }
  std::map<std::string, std::string> Behaviour() const override { return client_->Behaviour(); }

 private:
  std::unique_ptr<RunningServer> client_;  // `ENGINE run`
  std::unique_ptr<Container> container_;   // ends first: the client ends by it
  mutable std::vector<int> ids_;
  mutable bool asked_ = false;
};

// What the engine knows of an image; null when it is not there.
nlohmann::json InspectImage(const std::string& engine, const std::string& image) {
  const auto all =
      nlohmann::json::parse(OutputOf({engine, "image", "inspect", image}), nullptr, false);
  return all.is_array() && !all.empty() && all[0].is_object() ? all[0] : nlohmann::json();
}

std::string VersionOf(const nlohmann::json& facts, const std::string& image) {
  const auto text = [&](const char* path) {
    const nlohmann::json::json_pointer pointer(path);
    return facts.contains(pointer) && facts[pointer].is_string() ? facts[pointer].get<std::string>()
                                                                 : std::string();
  };
  const std::string label = text("/Config/Labels/org.opencontainers.image.version"),
                    digest = text("/RepoDigests/0"), id = text("/Id");
  if (label.empty() && digest.empty() && id.empty()) return "unknown";
  return (label.empty() ? "" : label + ", ") + "image " +
         (digest.empty() ? image + " " + id : digest);
}

}  // namespace

Result<std::unique_ptr<RunningServer>> StartContainer(const Server& server,
                                                      const ServerSettings& settings) {
  IIIFBENCH_CHECK(server.published != nullptr, "{} has no image", server.name);
  const ContainerImage& published = *server.published;
  const std::string engine = FindProgram(settings.engine);
  if (engine.empty()) {
    return Fail(ErrorKind::kNotFound,
                "--engine {}: no such program: apt-get install {}, or install {} itself",
                settings.engine, settings.engine == "docker" ? "docker.io" : settings.engine,
                server.title);
  }
  if (!settings.options.empty()) {
    return Fail(ErrorKind::kUnsupported,
                "{}: '{}' is a setting of the installed program; its image has none", server.title,
                settings.options.begin()->first);
  }
  // Podman wants names with their host; Docker's own is the one that goes without saying.
  std::string image(published.name);
  if (settings.engine == "podman" && image.find('.') == std::string::npos)
    image = "docker.io/" + image;
  const std::string folder = fs::absolute(settings.run_folder);
  std::error_code error;
  fs::create_directories(folder, error);
  auto facts = InspectImage(engine, image);
  if (facts.is_null()) {
    auto pulled = RunToEnd({engine, "pull", image}, folder + "/pull.out", std::chrono::minutes(20),
                           settings.stop);
    if (!pulled) {
      return Fail(ErrorKind::kIo,
                  "`{} pull {}`: {}Is the engine running, and the network there? Try it by hand, "
                  "or install "
                  "{} itself",
                  settings.engine, image, pulled.error().message, server.title);
    }
    facts = InspectImage(engine, image);
  }
  auto port = FreePort();
  if (!port) return port.error();
  auto container = std::make_unique<Container>(engine, folder);
  const std::string out = folder + "/container.out";
  fs::remove(container->id_file, error);
  fs::remove(out, error);
  std::vector<std::string> argv = {
      engine,
      "run",
      "--rm",
      "--cidfile",
      container->id_file,
      "--publish",
      fmt::format("127.0.0.1:{}:{}", *port, published.port),
      "--volume",
      fmt::format("{}:{}:ro", fs::absolute(settings.image_folder).string(), published.images)};
  for (const auto& [name, value] : published.environment(settings))
    argv.insert(argv.end(), {"--env", name + "=" + value});
  argv.push_back(image);
  const std::string base = fmt::format("http://127.0.0.1:{}{}", *port, published.path);
  SpawnPlan plan{.title = fmt::format("{} in {}", server.title, settings.engine),
                 .argv = argv,
                 .image_url = base,
                 .ready_url = base + "absent/info.json",
                 .output = out,
                 .log = out,
                 .patience = std::chrono::seconds(120),
                 .installation = {settings.engine + " " + image, VersionOf(facts, image)},
                 .intended = published.intended(settings)};
  if (published.parse_log != nullptr) plan.parse_log = published.parse_log;
  if (published.parse_behaviour != nullptr) plan.parse_behaviour = published.parse_behaviour;
  auto client = Spawn(std::move(plan));
  if (!client) {
    return Fail(client.error().kind, "{}Try it by hand: {}", client.error().message,
                fmt::join(argv, " "));
  }
  return std::unique_ptr<RunningServer>(
      std::make_unique<ContainerServer>(std::move(*client), std::move(container)));
}

}  // namespace iiifbench
