#!/bin/bash
# slurm_here.sh PROGRAM: Slurm on this machine, one controller and four node daemons, runs an 8-shard
# load against the reference server and an 8-shard profile, by the scripts of examples/engines.
# Status 77: Slurm is not here, or cannot be started here. Ends only what it started.
set -u
program=$(readlink -f "$1")
examples=$(readlink -f "$(dirname "$0")/../../../examples/engines")
for tool in slurmctld slurmd munged sbatch squeue; do
  command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "the daemons of Slurm are started by root"; exit 77; }
folder=$(mktemp -d /tmp/iiifbench-slurm-XXXXXX)
cd "$folder" || exit 1
started=()
finish() {
  scancel --user=root 2>/dev/null && sleep 2  # its own cluster: slurm.conf is this folder's
  for file in "$folder"/*.pid; do
    [ -s "$file" ] && kill "$(cat "$file")" 2>/dev/null
  done
  for id in "${started[@]}"; do kill "$id" 2>/dev/null; done
  sleep 1
  rm -rf "$folder"
}
trap finish EXIT
port=$((20000 + $$ % 20000))
mkdir -m 700 munge
mkdir spool state bin images
ln -s "$program" bin/iiifbench
export PATH="$folder/bin:$PATH"
head -c 1024 /dev/urandom >munge/key && chmod 400 munge/key
munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge.pid" \
  --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" >/dev/null 2>&1 || exit 77
cat >slurm.conf <<END
ClusterName=here
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=n[1-4] NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 4))] CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=10 State=UP OverSubscribe=YES:8
END
export SLURM_CONF="$folder/slurm.conf"
slurmctld -c || exit 77
for node in 1 2 3 4; do slurmd -N n$node || exit 77; done
for wait in $(seq 60); do
  sinfo -h -t idle -o %D 2>/dev/null | grep -qx 4 && break
  [ "$wait" = 60 ] && { echo "no idle nodes:"; sinfo; exit 77; }
  sleep 0.5
done
sinfo
# Copies: a server refuses links that lead out of its folder.
for name in ${IIIFBENCH_TEST_IMAGES:?a folder of images}/*; do cp "$name" images/; done
iiifbench serve images --workers 2 >serve.txt &
started+=($!)
for wait in $(seq 100); do
  grep -q http serve.txt && break
  sleep 0.1
done
base=$(sed -n 's#^\(http://[^ ]*/iiif/2/\) .*#\1#p' serve.txt)
one=$(ls images | head -1)
run() {  # echoes a command, then does it
  echo "\$ $*"
  "$@"
}
run iiifbench plan --url "$base$one" --rate 40 --seconds 4 --warm-up 1 --slots 64 --out plan.json || exit 1
run sbatch --wait --export=ALL,PLAN="$folder/plan.json",OUT="$folder/run" "$examples/slurm-load.sbatch"
cat iiifbench-load-*.txt
run iiifbench merge run --out whole
status=$?
[ $status = 0 ] || [ $status = 3 ] || exit 1  # 3: not reportable, as on a machine that others use
test -s whole/load.json || exit 1
mv run/shard-5-of-8 lost
run iiifbench merge run --out none && exit 1
run sbatch --wait --export=ALL,ARCHIVE="$folder/images",OUT="$folder/profile",SAMPLE=2,TRY=0 "$examples/slurm-profile.sbatch" || exit 1
run iiifbench merge profile --out archive || { cat iiifbench-profile-*.txt; exit 1; }
test -s archive/profile.json
