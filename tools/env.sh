#!/bin/sh
# Makes .venv and installs pinned requirements into it:  tools/env.sh FILE...
# `tools/env.sh --package` installs yihu itself, so that an edited file takes effect at once.
#
# uv is used where it is found or can be had, pip otherwise; both read the same files with the
# same hashes. Debian's python3 comes without pip and without the part that makes one, so this
# goes down a ladder: uv, python3-venv, python3-pip, Debian's own pip wheel (no root needed).
set -eu
cd "$(dirname "$0")/.."
VENV=.venv/bin/python
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH

# Trust what this machine trusts: offices often put a certificate of their own in the way.
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS=1; fi
export UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$name"; then command -v "$name"; return; fi
    done
    say "No Python 3.11 or newer was found as ${PYTHON:-python3}. Install one" \
        "(Debian: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python env"
    exit 1
}

find_uv() {
    for name in .venv/bin/uv uv; do
        if "$name" --version >/dev/null 2>&1; then echo "$name"; return; fi
    done
    return 1
}

# Debian keeps pip as a wheel in a package of its own; its lists go to a folder of ours, so that
# no root is needed and the machine stays as it is.
fetch_debian_pip() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    box=$(mktemp -d)
    mkdir -p "$box/lists/partial" "$box/cache/archives/partial" "$box/deb"
    chmod -R a+rwX "$box"
    set -- -qq -o "Dir::State::lists=$box/lists" -o "Dir::Cache=$box/cache"
    if apt-get "$@" update >&2 && (cd "$box/deb" && apt-get "$@" download python3-pip-whl >&2); then
        dpkg-deb -x "$box"/deb/python3-pip-whl_*.deb "$box/root"
        cp "$box/root"/usr/share/python-wheels/pip-*.whl .venv/
    fi
    rm -rf "$box"
    ls .venv/pip-*.whl >/dev/null 2>&1
}

make_venv() {
    python=$(find_python)
    if uv=$(find_uv); then "$uv" venv --quiet --clear --python "$python" .venv; return; fi
    if "$python" -m venv --clear .venv >/dev/null 2>&1; then return; fi
    "$python" -m venv --clear --without-pip .venv
    "$python" -m pip --version >/dev/null 2>&1 || fetch_debian_pip || {
        rm -rf .venv
        say "Python is here but pip is not, and it could not be fetched." \
            "Install it (Debian: apt-get install python3-venv) and try again."
        exit 1
    }
}

# pip from the first rung that has it, always working on .venv.
pip_install() {
    if "$VENV" -m pip --version >/dev/null 2>&1; then
        "$VENV" -m pip install --quiet "$@"
    elif ls .venv/pip-*.whl >/dev/null 2>&1; then
        "$VENV" "$(ls .venv/pip-*.whl)/pip" install --quiet "$@"
    else
        "$(find_python)" -m pip --python "$VENV" install --quiet "$@"
    fi
}

install() {
    if uv=$(find_uv); then
        "$uv" pip install --quiet --python "$VENV" "$@"
    else
        pip_install "$@"
    fi
}

if ! { [ -x "$VENV" ] && new_enough "$VENV"; }; then make_venv; fi
if ! find_uv >/dev/null && [ -z "${YIHU_PIP_ONLY:-}" ]; then
    pip_install --require-hashes -r requirements/uv.txt || say "uv is not to be had; pip is used."
fi
if [ "${1:-}" = --package ]; then
    install --no-deps --no-build-isolation --editable .
else
    for file in "$@"; do install --require-hashes --requirement "$file"; done
fi
