#include "harness/servers/launch/launch.h"

#include <charconv>

#include "harness/servers/launch/container.h"

namespace iiifbench {
namespace {

bool IsNumber(const std::string& name) {
  return name == "workers" || name == "threads" || name == "quality";
}

}  // namespace

std::string ServerChoice::title() const {
  const std::string after = label.substr(server->name.size());
  return std::string(server->title) + (after.empty() ? "" : " " + after);
}

std::string ServerChoice::folder_name() const {
  std::string name = label;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '_';
  }
  return name;
}

Result<ServerChoice> ParseChoice(const std::string& text) {
  ServerChoice choice{.label = text, .settings = {}};
  const size_t end = std::min(text.find_first_of("#:"), text.size());
  choice.server = FindServer(text.substr(0, end));
  if (choice.server == nullptr) {
    std::string names;
    for (const Server* server : Servers())
      names += (names.empty() ? "" : ", ") + std::string(server->name);
    return Fail(ErrorKind::kNotFound, "server '{}': no such server; there are {}",
                text.substr(0, end), names);
  }
  for (size_t colon = text.find(':', end); colon != std::string::npos;) {
    const size_t next = text.find(':', colon + 1);
    const std::string part = text.substr(colon + 1, std::min(next, text.size()) - colon - 1);
    const size_t equals = part.find('=');
    std::string name = part.substr(0, equals);
    std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    if (IsNumber(name)) {
      int number = 0;
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
      if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size() || number < 1 ||
          number > 1000)
        return Fail(ErrorKind::kBadInput, "server '{}': {} takes a number from 1 to 1000, not '{}'",
                    text, name, value);
    } else if (name.empty()) {
      return Fail(ErrorKind::kBadInput, "server '{}': a setting is name=value, not '{}'", text,
                  part);
    }
    choice.settings.emplace_back(std::move(name), std::move(value));
    colon = next;
  }
  return choice;
}

ServerSettings SettingsOf(const ServerChoice& choice, ServerSettings base) {
  for (const auto& [name, value] : choice.settings) {
    if (name == "workers") {
      base.workers = std::stoi(value);
    } else if (name == "threads") {
      base.threads = std::stoi(value);
    } else if (name == "quality") {
      base.jpeg_quality = std::stoi(value);
    } else {
      base.options[name] = value;
    }
  }
  return base;
}

Result<std::unique_ptr<RunningServer>> LaunchLogged(const ServerChoice& choice,
                                                    const std::string& image_folder,
                                                    const std::string& run_folder, int jpeg_quality,
                                                    const std::string& engine,
                                                    const std::atomic<bool>* stop) {
  return Launch(*choice.server, SettingsOf(choice, {.image_folder = image_folder,
                                                    .run_folder = run_folder,
                                                    .jpeg_quality = jpeg_quality,
                                                    .log_verbosity = 5,
                                                    .options = {},
                                                    .engine = engine,
                                                    .stop = stop}));
}

Result<std::unique_ptr<RunningServer>> Launch(const Server& server,
                                              const ServerSettings& settings) {
  const auto found = server.find();
  if (found) return server.start(settings);
  if (server.published == nullptr) return found.error();
  if (!settings.engine.empty()) return StartContainer(server, settings);
  return Fail(found.error().kind, "{}; or run the image {} by --engine docker (or podman)",
              found.error().message, server.published->name);
}

}  // namespace iiifbench
