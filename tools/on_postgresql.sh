#!/bin/sh
# Runs a command with YIHU_DATABASE set to a PostgreSQL cluster made for it and thrown away after it.
# Without PostgreSQL on this machine it says so and does nothing; with YIHU_NO_SKIP=1 that fails.
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(pg_config --bindir 2>/dev/null || true)
if [ ! -x "$bin/initdb" ]; then
    echo "SKIPPED: the desk's tests on PostgreSQL; it was not found (Debian: apt-get install postgresql)"
    case "${YIHU_NO_SKIP:-}" in '' | 0) exit 0 ;; *) exit 1 ;; esac
fi

folder=$(mktemp -d)
# PostgreSQL does not run as root: then the account its package makes.
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    as() { runuser -u postgres -- "$@"; }
    chown postgres "$folder"
fi
end() {
    as "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop || true
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

cd "$folder"
as "$bin/initdb" -D "$folder/data" -U yihu --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
# What is thrown away need not survive a power cut.
as "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -s -o \
    "-c listen_addresses='' -k $folder -c fsync=off -c full_page_writes=off" start
cd "$OLDPWD"
YIHU_DATABASE="postgresql://yihu@/postgres?host=$folder" "$@"
