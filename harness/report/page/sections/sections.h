// The sections of the page, each HTML from a run's files; one without data says which command makes
// it.
#pragma once

#include <string>

#include "harness/report/page/run_files.h"

namespace iiifbench {

std::string AnswerSection(const RunFiles& run);    // the sentences
std::string LatencySection(const RunFiles& run);   // measured beside floor, stacked by stage
std::string StageSection(const RunFiles& run);     // measured, floor, ratio, pixels, Mpx/s
std::string WasteSection(const RunFiles& run);     // decoded per delivered
std::string WhatIfSection(const RunFiles& run);    // ranked; predicted, and measured where tried
std::string LoadSection(const RunFiles& run);      // latency over load: service, waiting, knee
std::string MethodSection(const RunFiles& run);    // side by side, and where they disagree
std::string FlameSection(const RunFiles& run);     // stacks by stage
std::string KernelSection(const RunFiles& run);    // variants of the kernels
std::string PeerSection(const RunFiles& run);      // kernels beside other libraries
std::string FindingSection(const RunFiles& run);   // published findings; what a link adds
std::string ValiditySection(const RunFiles& run);  // reportable or not; machine, versions, settings
std::string Overview(const RunFiles& run);  // what the answer begins with; empty: nothing to say
std::string AttributedWaiting(
    const RunFiles& run);  // with clients, and over the network; empty: not recorded
std::string ShardSection(const RunFiles& run);    // of a merged run, side by side
std::string ArchiveSection(const RunFiles& run);  // of a profile: distributions, costs, savings
// One sentence; empty where the JSON is another.
std::string ArchiveAnswer(const nlohmann::json& profile);
std::string PlannedLoadAnswer(const nlohmann::json& load);
std::string PlannedLoad(const nlohmann::json& body);  // the figures of a planned load
std::string ReproduceSection(const RunFiles& run);    // commands
std::string ValidityBadge(const RunFiles& run);       // one line for the top
// Reasons not to believe the run, escaped; empty: REPORTABLE.
std::vector<std::string> NotReportable(const RunFiles& run);

// "IIPSrv" for "iipsrv", escaped; the name itself where the study has no title for it.
std::string ServerTitle(const RunFiles& run, const std::string& name);
// The study's class of a request ("tile"), escaped; its path where no cell of the study has it.
std::string RequestTitle(const RunFiles& run, const AttributionFile& from, const std::string& path);

}  // namespace iiifbench
