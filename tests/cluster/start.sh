#!/usr/bin/env bash
# Starts a Slurm of two nodes on the loopback interface, with accounting, in a folder of its own and without systemd.
#   start.sh FOLDER      then: . FOLDER/environment     in the end: stop.sh FOLDER
# Needs the Debian packages slurm-wlm munge slurmdbd mariadb-server, and root.
#
# Each node has process numbers and a host name of its own, as a computer has. Process FOLDER/run/NODE.pid holds it
# together: `kill -9` ends everything that runs on the node at once, as a power failure does.
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

start_node() { # NAME
    # bash, as the first process of the node, waits for those that lost their parent; slurmd would leave zombies
    setsid unshare --pid --fork --kill-child --mount-proc --uts \
        bash -c 'hostname "$0" && mount --bind "$1" /etc/hosts && /usr/sbin/slurmd -D -N "$0" & wait' \
        "$1" "$FOLDER/hosts" > "$FOLDER/log/$1.start.log" 2>&1 < /dev/null &
    echo $! > "$FOLDER/run/$1.pid"
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
echo "127.0.0.1 localhost $HOST node1 node2" > "$FOLDER/hosts" # as the nodes see it
start_node node1
start_node node2
wait_for 30 bash -c '[ "$(sinfo --noheader --format "%T %D")" = "idle 2" ]'
echo "Slurm is up: $(sinfo -h -o 'partition %P, %D nodes of %c CPUs and %m MB')"
