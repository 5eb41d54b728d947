#!/bin/sh
# A planned load by an MPI launcher: it only starts the processes, they do not talk to each other.
#   PLAN=plan.json OUT=run SHARDS=8 mpirun.sh [--hostfile hosts ...]
set -eu
exec mpirun -n "${SHARDS:-8}" "$@" \
  iiifbench load --plan "$PLAN" --shard auto --out "$OUT" ${START:+--start-at "$START"} --quiet
