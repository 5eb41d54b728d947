// study_report: a study as JSON, as Markdown and as the table on the terminal.
//
// study.json, schema 1: {schema, time, commit, command, machine, libraries, reportable,
// not_reportable[], measured_cells, standing_cells, drift, servers[{name, title, version, status,
// intended{}, effective{}, differences[], idle_cpu}], cells[{server, recipe, class, page, path,
// link, status, n, median_ms, median_low_ms, median_high_ms, first_byte_ms, bytes, floor_ms,
// floor_low_ms, floor_high_ms, floor_stages{}, stages{}, stage_source, ratio, ratio_low,
// ratio_high, unexplained_ms, psnr_db, answer, traps[], drift, drift_family_p, drift_confirmed,
// faults[], lag_ms, raw{round[], total_ms[], floor_ms[], first_byte_ms[]}}]}. Medians are of the
// run's rounds, intervals cover 95 %; a cell that was not measured has server, recipe, class and
// status only. unexplained_ms = median - sum of the stages that the server told; absent when it
// told none.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/study/study.h"

namespace iiifbench {

nlohmann::json StudyToJson(const Study& study, const std::string& command);
// For people, from the JSON, so that an old run can be printed again.
std::string StudyToMarkdown(const nlohmann::json& study);
// By the rule of today, from the raw figures: marks of rows, and "drift_reasons_today" beside the
// reasons of then.
void JudgeDriftAnew(nlohmann::json& study);
Result<void> SaveStudy(const nlohmann::json& study, const std::string& folder);

}  // namespace iiifbench
