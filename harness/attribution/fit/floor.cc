#include "harness/attribution/fit/floor.h"

namespace iiifbench {

double MeasuredCost(KernelCosts& costs, int work) {
  if (work < 0) return 0;
  while (costs.samples(work) < (costs.ms(work) > 300 ? 1 : 3)) {
    const int before = costs.samples(work);
    costs.Measure(work);
    if (costs.samples(work) == before) break;
  }
  return costs.ms(work);
}

StageMap<double> FloorOf(const Case& c, KernelCosts& costs) {
  Hypothesis best{.variant = Variant::kBest};
  const CaseWorks works = WorksOf(c, best, costs);
  StageMap<double> floor;
  const double decode = MeasuredCost(costs, works.decode);
  const double read = works.decode >= 0 ? costs.read_ms(works.decode) : 0;
  floor[Stage::kRead] = read;
  floor[Stage::kDecode] = decode - read;
  floor[Stage::kResize] = MeasuredCost(costs, works.resize);
  floor[Stage::kEncode] = MeasuredCost(costs, c.encode_work);
  return floor;
}

}  // namespace iiifbench
