#!/usr/bin/env bash
# The quick build and a sweep of 200 points on this machine and through a real Slurm: every result must be the same, byte
# by byte. `make test-cluster` calls it. Needs Debian and the rights of root, to install packages. What it starts it stops.
set -euo pipefail
cd "$(dirname "$0")/../.."
HERE=$PWD/tests/cluster
PACKAGES=(slurm-wlm munge slurmdbd mariadb-server)
WORK=$(mktemp -d)
chmod 711 "$WORK" # the daemons of Slurm look into it
BUILDS=()

finish() {
    ((${#BUILDS[@]} == 0)) || kill "${BUILDS[@]}" 2> /dev/null || true
    bash "$HERE/stop.sh" "$WORK/slurm"
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP # by way of finish

install_slurm() {
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then # no service of the system is started: this test starts its own
        trap "rm -f $policy; finish" EXIT
        printf '#!/bin/sh\nexit 101\n' > $policy
        chmod 755 $policy
    fi
    apt-get -qq -o DPkg::Lock::Timeout=300 update
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
        "${PACKAGES[@]}"
}

build() { # FOLDER OPTION...
    local folder=$1
    shift
    .venv-cluster/bin/python -m snakemake all sweep --directory "$folder" "$@" --config "sweep=$HERE/sweep.yaml" \
        --configfile config/quick.yaml > "$folder.log" 2>&1 &
    BUILDS+=($!)
}

wait_for_builds() {
    for build in "${BUILDS[@]}"; do
        wait "$build" || { tail -n 60 "$WORK"/*.log >&2; exit 1; }
    done
    BUILDS=()
}

jobs_of_slurm() { # STATE FORMAT
    sacct --noheader --parsable2 --allusers --allocations --starttime now-1days --endtime now --state "$1" --format "$2"
}

dpkg -s "${PACKAGES[@]}" > /dev/null 2>&1 || install_slurm > "$WORK/install.log" 2>&1 || {
    cat "$WORK/install.log" >&2
    echo "make test-cluster needs the Debian packages ${PACKAGES[*]}, and installing them needs root." >&2
    exit 1
}
bash "$HERE/environment.sh"
SECONDS=0
bash "$HERE/start.sh" "$WORK/slurm"
. "$WORK/slurm/environment"
echo "$SECONDS s: cluster started"

# Side by side, since a build through Slurm spends much of its time waiting. The networks that learn are given too little
# memory at their first attempt, to see that the second asks for more.
build "$WORK/local" --cores all
build "$WORK/cluster" --workflow-profile workflow/profiles/slurm \
    --default-resources slurm_account=loopback slurm_partition=main \
    --set-resources "run_learning:mem_mb=200 * 10 ** (attempt - 1)" \
    --latency-wait 10 --slurm-init-seconds-before-status-checks 2
wait_for_builds
echo "$SECONDS s: built here and on the cluster"

sacct --allusers --allocations --starttime now-1days --endtime now --format JobID,Comment%72,ReqMem,Timelimit,Elapsed,State
jobs_of_slurm FAILED Comment,ReqMem | grep -q "run_learning.*|200M" || { echo "No job ran out of memory." >&2; exit 1; }
jobs_of_slurm COMPLETED Comment,ReqMem | grep -q "run_learning.*|2000M" ||
    { echo "No second attempt with more memory." >&2; exit 1; }
# all but what holds times: the notebooks as papermill leaves them, and the page of run times
diff -r --exclude notebooks --exclude run_times.html "$WORK/local/results" "$WORK/cluster/results"
FILES=$(find "$WORK/cluster/results" -type f -not -path '*/notebooks/*' -not -name run_times.html | wc -l)
.venv-cluster/bin/python "$HERE/rows.py" "$WORK/cluster/results/sweep.nc"
COUNT=$(jobs_of_slurm COMPLETED JobID | wc -l)
echo "The same bytes in $FILES files, made on this machine and by $COUNT jobs of Slurm."
echo "1 passed, 0 failed"
