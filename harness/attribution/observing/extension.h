// extension: which probes tell most, for their time, of the stages that are least known.
//
// Rows hold what each stage is expected to take, in milliseconds; that a stage takes so much is a guess that
// may be off by as much. A row measured to 0.1 ms + 2 % narrows that. Wanted is the sum, over the requests of
// interest and their stages, of the variance of a stage's share: so what counts most is the pair of stages
// that trade most of a request. Each pick takes into account those before it. Time of a probe: its latency,
// twice, since kernels run the same work, and a millisecond. Threads: none.
#pragma once

#include <Eigen/Dense>
#include <vector>

namespace iiifbench {

// Numbers of rows of `open`, the best first, at most `most`. `asked`: rows that were measured; `wanted`: the
// requests of interest. The same columns everywhere.
std::vector<int> ByGain(const Eigen::MatrixXd& asked, const Eigen::MatrixXd& open,
                        const Eigen::MatrixXd& wanted, int most);

}  // namespace iiifbench
