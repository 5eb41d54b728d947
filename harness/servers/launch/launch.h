// launch: a server as a user names it: which program, with which settings, where from.
//
// Grammar: name[#tag][:setting=value]... Settings: workers, threads, quality; any other is an
// option of the server itself ("reference:fault=..."). The tag only tells two rows of the same
// server apart, so that one may be measured against itself. Where from: the installed program; else
// its published image, by the engine of the settings. Errors: kNotFound (not installed) with what
// to do; kNotFound (no such server), kBadInput (a setting that is none).
#pragma once

#include <string>
#include <vector>

#include "harness/servers/server.h"

namespace iiifbench {

struct ServerChoice {
  std::string label;  // as given: the name of its rows in results
  const Server* server = nullptr;
  std::vector<std::pair<std::string, std::string>> settings;

  std::string title() const;
  // A name that may stand in paths and configuration files.
  std::string folder_name() const;
};

Result<ServerChoice> ParseChoice(const std::string& text);
// `base` with the choice's settings.
ServerSettings SettingsOf(const ServerChoice& choice, ServerSettings base);

// Starts it over a folder, to be measured: its log says what it can of each request.
Result<std::unique_ptr<RunningServer>> LaunchLogged(const ServerChoice& choice,
                                                    const std::string& image_folder,
                                                    const std::string& run_folder, int jpeg_quality,
                                                    const std::string& engine,
                                                    const std::atomic<bool>* stop);

// Starts it, wherever it comes from.
Result<std::unique_ptr<RunningServer>> Launch(const Server& server, const ServerSettings& settings);

}  // namespace iiifbench
