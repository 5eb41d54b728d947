// read_back: a running server's settings as its behaviour shows them, not as they were meant.
//
// cache: by the same crops again (effective/cache.h). workers: k crops at once; one served after
// the other is done after 1, 2, 3 ... times one, w of them after ceil(i / w) times, and where more
// are served than there are cores they share them. The w (and number of cores) whose times fit
// best, or all that fit nearly as well: "1", "1 or 2", "4 or more"; "cannot tell" when none does.
// jpeg_quality: of the answers' own tables. Further rows are what the server's log says
// (RunningServer::Behaviour). Each value ends with the figures that it rests on. Cost: about 50
// crops of 512 x 512. Errors: of an answer that is none.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/study/study.h"

namespace iiifbench {

Result<std::map<std::string, std::string>> ReadBackSettings(RunningServer& running,
                                                            const std::string& image_url,
                                                            Size image);

// When k equal requests that come at once are done, in multiples of one alone, in order: `workers`
// are served at a time, first come first served, and share `cores`.
std::vector<double> CompletionsAtOnce(int k, int workers, int cores);
// The numbers of workers that explain measured completions (in order, in multiples of one alone),
// best first; empty when none does within 25 % (root mean square; the unit itself may be off by as
// much). The last number stands for itself and all above.
std::vector<int> WorkersThatFit(std::span<const double> completions, int most_cores);

// "90", or all that came: "75, 90". Empty when no answer told. Sources that were streamed say
// nothing.
std::string QualityOf(const Study& study, const std::string& server);

// Settings that were both intended and read back and are not the same, each a sentence.
std::vector<Finding> Differences(const StudyServer& server);

}  // namespace iiifbench
