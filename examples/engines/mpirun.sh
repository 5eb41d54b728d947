#!/bin/sh
# A planned load by an MPI launcher: it only starts the processes, they do not talk to each other.
# A launcher ends all when one fails; status 3, measured and not reportable, is none.
#   PLAN=plan.json OUT=run SHARDS=8 mpirun.sh [--hostfile hosts ...]
set -eu
export PLAN OUT START="${START:-}"
exec mpirun -n "${SHARDS:-8}" "$@" sh -c \
  'iiifbench load --plan "$PLAN" --shard auto --out "$OUT" ${START:+--start-at "$START"} --quiet || [ $? = 3 ]'
