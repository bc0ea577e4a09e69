#!/usr/bin/env bash
# The quick build and a sweep of 200 points on this machine and through a real Slurm, of which one node is drained and the
# other lost on the way: every result must be the same, byte by byte. `make test-cluster` calls it. Needs Debian and the
# rights of root, to install packages and to start nodes. What it starts it stops.
#   run.sh [TARGET...]    builds these targets, the experiment learning and the sweep; without any, everything
set -euo pipefail
cd "$(dirname "$0")/../.."
HERE=$PWD/tests/cluster
PACKAGES=(slurm-wlm munge slurmdbd mariadb-server)
TARGETS=("${@:-all}")
WORK=$(mktemp -d)
chmod 711 "$WORK" # the daemons of Slurm look into it
BUILDS=()

finish() {
    for build in "${BUILDS[@]}"; do kill -9 -- "-$build" 2> /dev/null || true; done # Snakemake would wait for its jobs
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
    # in a session of its own, to be ended with all that it started
    setsid .venv-cluster/bin/python -m snakemake "${TARGETS[@]}" learning sweep --directory "$folder" "$@" --config "sweep=$HERE/sweep.yaml" \
        --configfile config/quick.yaml > "$folder.log" 2>&1 &
    BUILDS+=($!)
}

wait_for_builds() {
    for build in "${BUILDS[@]}"; do
        wait "$build" || { tail -n 60 "$WORK"/*.log >&2; exit 1; }
    done
    BUILDS=()
}

wait_until() { # COMMAND..., which succeeds at some time while the build through Slurm is under way
    until "$@"; do
        kill -0 "${BUILDS[1]}" 2> /dev/null || { tail -n 60 "$WORK/cluster.log" >&2; echo "Never came true: $*" >&2; exit 1; }
        sleep 0.5
    done
}

jobs_on() { # NODE
    squeue --noheader --states running --nodelist "$1" --format %A
}

runs_jobs() { # NODE COUNT
    [ "$(jobs_on "$1" | wc -l)" -ge "$2" ]
}

is_drained() { # NODE
    [ "$(sinfo --noheader --nodes "$1" --format %T)" = drained ]
}

last_place_of() { # JOB
    sacct --noheader --parsable2 --allocations --jobs "$1" --format NodeList
}

jobs_of_slurm() { # STATE FORMAT OPTION...
    sacct --noheader --parsable2 --allusers --allocations --starttime now-1days --endtime now --state "$1" --format "$2" \
        "${@:3}"
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

# Two builds side by side, since a build through Slurm spends much of its time waiting. The networks that learn are given
# too little memory at their first attempt, to see that the second asks for more.
LITTLE="200 if attempt == 1 else 2000"
build "$WORK/local" --cores all
build "$WORK/cluster" --workflow-profile workflow/profiles/slurm \
    --default-resources slurm_account=loopback slurm_partition=main \
    --set-resources "run_learning:mem_mb=$LITTLE" "run_spiking_learning:mem_mb=$LITTLE" \
    --latency-wait 10 --slurm-init-seconds-before-status-checks 2

# One node is taken out of service: what runs there ends well, the rest is up to the other node.
wait_until runs_jobs node1 1
scontrol update nodename=node1 state=drain reason=test
wait_until is_drained node1
wait_until runs_jobs node2 1
scontrol update nodename=node1 state=resume
echo "$SECONDS s: node1 was drained, and is back"

# The other loses its power in the middle of several jobs. Slurm puts them into the queue again, but for one, as clusters
# with JobRequeue=0 do with all: that one is Snakemake's to repeat.
wait_until runs_jobs node2 3
kill -9 "$(cat "$WORK/slurm/run/node2.pid")"
mapfile -t LOST < <(jobs_on node2) # what Slurm, which does not know yet, takes for running
((${#LOST[@]} >= 2)) || { echo "Fewer than two jobs ran on the node that was killed." >&2; exit 1; }
scontrol update jobid="${LOST[0]}" requeue=0
echo "$SECONDS s: node2 was killed, with the jobs ${LOST[*]}"

wait_for_builds
echo "$SECONDS s: built here and on the cluster"

sacct --allusers --allocations --duplicates --starttime now-1days --endtime now \
    --format JobID,Comment%72,ReqMem,Timelimit,Elapsed,NodeList,State
[ "$(jobs_of_slurm NODE_FAIL JobIDRaw --duplicates | sort -n)" = "$(printf '%s\n' "${LOST[@]}" | sort -n)" ] ||
    { echo "The jobs that failed with their node are not those that ran there." >&2; exit 1; }
for job in "${LOST[@]:1}"; do
    [ "$(last_place_of "$job")" = node1 ] || { echo "Slurm did not run job $job again on the other node." >&2; exit 1; }
done
[ "$(last_place_of "${LOST[0]}")" = node2 ] ||
    { echo "Slurm ran job ${LOST[0]} again, although it was told not to." >&2; exit 1; }
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
