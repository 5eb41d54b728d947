// what_if_table: the changes that an attribution offers, predicted and, where they were tried,
// measured.
//
// A claim is a saving whose interval does not hold 0; others are shown apart and not counted. A
// claim whose interval is wider than the saving, and a range whose ends are far apart, stand after
// the sure ones and say so. Of the claims that were tried it says how often the latency afterwards
// came within 20 % of its prediction, how often the saving did, and how often the saving lay in its
// interval; the sure ones apart. A measured saving below the noise of its trial (stats/robust.h) is
// "no difference that we can measure": as such a hit where the interval reaches down to the noise,
// and never one within 20 %. Units: milliseconds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/attribution/model/attribution.h"

namespace iiifbench {

// [{path, change, kind, saves_ms, low, high, sure, where it is a range unknown, and where tried
// tried_saves_ms, tried_before_ms, tried_after_ms, noise_ms}]
nlohmann::json WhatIfsToJson(const Attribution& attribution);
// [{kind, reason}]
nlohmann::json NotOfferedToJson(const Attribution& attribution);

// Of both, as above; records made before kinds were told are read too. Empty: nothing to say.
std::string WhatIfTable(const nlohmann::json& what_ifs, const nlohmann::json& not_offered);

}  // namespace iiifbench
