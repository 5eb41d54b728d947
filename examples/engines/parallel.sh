#!/bin/sh
# A planned load or a profile by GNU parallel, on this machine or, with PARALLEL_HOSTS, by ssh on
# others (GNU parallel's --sshlogin; PLAN and OUT then lie in a shared folder).
#   PLAN=plan.json OUT=run SHARDS=8 parallel.sh load
#   ARCHIVE=/archive OUT=profile SHARDS=8 parallel.sh profile
# All shards of a load run at once; -j keeps a profile to the processors there are.
# Status 3 says measured and not reportable: no reason to stop the others; the merge says it again.
set -eu
export IIIFBENCH_SHARDS="${SHARDS:-8}"
where="${PARALLEL_HOSTS:+--sshlogin $PARALLEL_HOSTS --env IIIFBENCH_SHARDS}"
case "${1:-}" in
  load)
    seq "$IIIFBENCH_SHARDS" | parallel $where -N1 -j "$IIIFBENCH_SHARDS" --halt soon,fail=1 \
      "iiifbench load --plan '$PLAN' --shard auto --out '$OUT' ${START:+--start-at $START} --quiet || [ \$? = 3 ] #" ;;
  profile)
    seq "$IIIFBENCH_SHARDS" | parallel $where -N1 \
      "iiifbench profile '$ARCHIVE' --shard auto --out '$OUT' --sample ${SAMPLE:-20} --quiet #" ;;
  *)
    echo "parallel.sh: load or profile" >&2
    exit 2 ;;
esac
