// shard: which part of a plan or of a list this process does, told by hand or by the engine that
// started it.
//
// Formula: shard i of n has the arrivals a with a mod n = i, so that the union of the shards is the
// plan. By hand: "i/n", i from 0. "auto" looks at the environment, in this order:
//   OpenMPI        OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE
//   PMI            PMI_RANK, PMI_SIZE
//   Slurm array    SLURM_ARRAY_TASK_ID, _COUNT; also _MIN, _MAX and _STEP where they are set
//   Slurm task     SLURM_PROCID, SLURM_NTASKS
//   Kubernetes     JOB_COMPLETION_INDEX, JOB_COMPLETIONS (the job's manifest sets the second)
//   GNU parallel   PARALLEL_SEQ (from 1), IIIFBENCH_SHARDS
// IIIFBENCH_SHARDS says n where an engine does not, and in a Slurm array that is run again for some
// of its tasks: the task's number is then the shard. An engine with one task only does not count
// where another has several. Refused: none of them; half a pair, alone; a number that is not one,
// or not below n; a Slurm array with gaps; two engines with several tasks that disagree, because
// then a shard would run twice. One pair may disagree: MPI over Slurm's task, since mpirun inside a
// batch script leaves the script's own SLURM_PROCID standing. Errors: kBadRequest, with the
// variables. Threads: none.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "kernels/image/result.h"

namespace iiifbench {

struct Shard {
  int64_t index = 0, count = 1;
  std::string from = "--shard";  // or the engine: "Slurm array"

  bool Has(int64_t arrival) const { return arrival % count == index; }
  std::string Name() const { return fmt::format("{}/{}", index, count); }
};

constexpr int64_t kMostShards = 1'000'000;

// "" is the whole, "auto" the environment, else "i/n".
Result<Shard> TakeShard(std::string_view text);
using Variable = std::function<const char*(const char* name)>;  // as getenv; null: not set
Result<Shard> ShardFromEnvironment(const Variable& variable);

}  // namespace iiifbench
