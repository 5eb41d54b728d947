#!/bin/sh
# shared.sh HOSTILE [OPTION...]: runs the program on the collections of the folder that IIIFBENCH_SHARED names, or else
# on those of ../shared beside the repository; status 77 (skipped) where there are none.
shared=${IIIFBENCH_SHARED:-$(dirname "$0")/../../../../shared}
found=""
for folder in cases/files cases/hostile corpus/hostile; do
  [ -d "$shared/$folder" ] || continue
  set -- "$@" "$shared/$folder"
  found=yes
done
[ -n "$found" ] || exit 77
exec "$@"
