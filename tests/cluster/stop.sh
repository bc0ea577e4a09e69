#!/usr/bin/env bash
# Stops what start.sh started in FOLDER, by the process numbers it wrote down there, last first.
FOLDER=$1
for name in slurmd slurmctld slurmdbd mysqld munged; do
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
