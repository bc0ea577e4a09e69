#!/usr/bin/env bash
# Starts a Slurm of one node on the loopback interface, with accounting, in a folder of its own and without systemd.
#   start.sh FOLDER      then: . FOLDER/environment     in the end: stop.sh FOLDER
# Needs the Debian packages slurm-wlm munge slurmdbd mariadb-server.
set -euo pipefail
cd "$(dirname "$0")"
FOLDER=$1
HOST=$(hostname -s)
USER=$(id -un)

wait_for() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until timeout 5 "$@" > /dev/null 2>&1; do
        if ((SECONDS >= end)); then
            echo "start.sh: gave up waiting for: $*" >&2
            tail -n 20 "$FOLDER"/log/*.log >&2 || true
            exit 1
        fi
        sleep 0.1
    done
}

fill_in() { # FILE
    sed -e "s|@FOLDER@|$FOLDER|g; s|@HOST@|$HOST|g; s|@USER@|$USER|g" "$1"
}

SQL=(mariadb --no-defaults --socket="$FOLDER/run/mysqld.sock" -u "$USER")

mkdir -p "$FOLDER"/{munge,state,spool,run,log,bin}
chmod 700 "$FOLDER/state"
chmod 711 "$FOLDER/munge" # clients may reach the socket, not the key
(umask 077 && head -c 1024 /dev/urandom > "$FOLDER/munge/munge.key" && fill_in slurmdbd.conf.in > "$FOLDER/slurmdbd.conf")
fill_in slurm.conf.in > "$FOLDER/slurm.conf"

# The executor drops every SLURM_* variable inside a job, SLURM_CONF included, before it calls srun. On a real cluster
# the file lies in /etc; here a wrapper, first in PATH, which jobs inherit, names it again.
printf '#!/bin/sh\nSLURM_CONF=%s exec /usr/bin/srun "$@"\n' "$FOLDER/slurm.conf" > "$FOLDER/bin/srun"
chmod 755 "$FOLDER/bin/srun"
printf 'export SLURM_CONF=%s PATH=%s:$PATH\n' "$FOLDER/slurm.conf" "$FOLDER/bin" > "$FOLDER/environment"
. "$FOLDER/environment"

/usr/sbin/munged --force --num-threads=2 --key-file="$FOLDER/munge/munge.key" --socket="$FOLDER/munge/munge.sock" \
    --pid-file="$FOLDER/run/munged.pid" --log-file="$FOLDER/log/munged.log" --seed-file="$FOLDER/munge/munged.seed"
wait_for 10 munge -S "$FOLDER/munge/munge.sock" -n

mariadb-install-db --no-defaults --datadir="$FOLDER/database" --auth-root-authentication-method=socket \
    --auth-root-socket-user="$USER" --skip-test-db --user="$USER" > "$FOLDER/log/database-install.log" 2>&1
nohup /usr/sbin/mariadbd --no-defaults --user="$USER" --datadir="$FOLDER/database" --socket="$FOLDER/run/mysqld.sock" \
    --pid-file="$FOLDER/run/mysqld.pid" --bind-address=127.0.0.1 --port=13306 --innodb-buffer-pool-size=64M \
    --innodb-log-file-size=16M --innodb-lock-wait-timeout=900 > "$FOLDER/log/database.log" 2>&1 < /dev/null &
wait_for 60 "${SQL[@]}" -e "SELECT 1"
for from in 127.0.0.1 localhost; do
    "${SQL[@]}" -e "CREATE DATABASE IF NOT EXISTS accounting; CREATE USER 'slurm'@'$from' IDENTIFIED BY 'loopback';
        GRANT ALL ON accounting.* TO 'slurm'@'$from';"
done

/usr/sbin/slurmdbd
wait_for 60 sacctmgr -n show cluster
sacctmgr -i add cluster loopback > /dev/null
sacctmgr -i add account loopback Cluster=loopback Description=loopback Organization=loopback > /dev/null
sacctmgr -i add user "$USER" Account=loopback DefaultAccount=loopback > /dev/null
/usr/sbin/slurmctld -i
wait_for 30 scontrol ping
/usr/sbin/slurmd -N "$HOST"
wait_for 30 bash -c "sinfo -h -o %T | grep -q idle"
echo "Slurm is up: $(sinfo -h -o 'partition %P, %D node of %c CPUs and %m MB')"
