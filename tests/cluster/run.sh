#!/usr/bin/env bash
# The quick build and a sweep of 200 points on this machine and through a real Slurm: every result must be the same, byte
# by byte. `make test-cluster` calls it. Needs Debian and the rights of root, to install packages. What it starts it stops.
set -euo pipefail
cd "$(dirname "$0")/../.."
HERE=$PWD/tests/cluster
PACKAGES=(slurm-wlm munge slurmdbd mariadb-server)
WORK=$(mktemp -d)
chmod 711 "$WORK" # the daemons of Slurm look into it
trap 'bash "$HERE/stop.sh" "$WORK/slurm"; rm -rf "$WORK"' EXIT

if ! dpkg -s "${PACKAGES[@]}" > /dev/null 2>&1; then
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${PACKAGES[@]}" > "$WORK/apt.log" ||
        { cat "$WORK/apt.log" >&2; exit 1; }
fi
bash "$HERE/environment.sh"
SECONDS=0
bash "$HERE/start.sh" "$WORK/slurm"
. "$WORK/slurm/environment"
echo "$SECONDS s: cluster started"

build() { # FOLDER OPTION...
    local folder=$1
    shift
    .venv-cluster/bin/python -m snakemake all sweep --directory "$folder" "$@" --config "sweep=$HERE/sweep.yaml" \
        --configfile config/quick.yaml > "$folder.log" 2>&1 || { tail -n 80 "$folder.log" >&2; exit 1; }
    echo "$SECONDS s: built in $(basename "$folder")"
}

build "$WORK/local" --cores all
build "$WORK/cluster" --workflow-profile workflow/profiles/slurm --latency-wait 10 \
    --slurm-init-seconds-before-status-checks 2

COUNT=$(
    sacct --noheader --allocations --allusers --starttime now-1days --endtime now --state COMPLETED \
        --format JobID | wc -l
)
((COUNT > 0)) || { echo "No job went through Slurm." >&2; exit 1; }
diff -r --exclude notebooks "$WORK/local/results" "$WORK/cluster/results"
FILES=$(find "$WORK/cluster/results" -type f -not -path '*/notebooks/*' | wc -l)
echo "The same bytes in $FILES files, made on this machine and by $COUNT jobs of Slurm."
echo "1 passed, 0 failed"
