#!/usr/bin/env bash
# Stops what start.sh started in FOLDER: the jobs first, which would outlive the daemons, then the daemons by the process
# numbers that they wrote down there, last first.
FOLDER=$1
export SLURM_CONF=$FOLDER/slurm.conf
if [ -s "$FOLDER/run/slurmctld.pid" ]; then
    timeout 20 scancel --partition=main
    for ((tenth = 0; tenth < 200; tenth++)); do
        [ -n "$(timeout 5 squeue --noheader --states=running,completing)" ] || break
        sleep 0.1
    done
fi
for file in "$FOLDER"/run/node?.pid; do
    [ -s "$file" ] && kill -9 "$(cat "$file")" 2> /dev/null
done
for name in slurmctld slurmdbd mysqld munged; do
    file=$FOLDER/run/$name.pid
    [ -s "$file" ] || continue
    process=$(cat "$file")
    kill "$process" 2> /dev/null || continue
    for ((tenth = 0; tenth < 150; tenth++)); do
        kill -0 "$process" 2> /dev/null || break
        sleep 0.1
    done
    kill -0 "$process" 2> /dev/null && kill -9 "$process"
done
exit 0
