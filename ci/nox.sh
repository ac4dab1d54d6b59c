#!/usr/bin/env bash
# Runs nox from a private environment, made on first use: ci/nox.sh -s tests
# $PYTHON names the interpreter (default: python3); the sessions run on the same one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

nox_version=2026.10.20
python=${PYTHON:-python3}
prerequisites="On Debian 12 and Ubuntu 24.04: apt-get install -y git g++ python3-dev python3-venv"

tag=$("$python" -c 'import sys; print("{}.{}".format(*sys.version_info))') ||
    { echo "ci/nox.sh: no usable Python at '$python'. $prerequisites" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "ci/nox.sh: expected Python 3.11 or newer, got $tag from '$python' (set PYTHON)" >&2; exit 1; }

launcher=.nox/launcher-$tag
contents="nox $nox_version on $("$python" -c 'import sys; print(sys.executable)')"
if [ "$(cat "$launcher/contents" 2>/dev/null)" != "$contents" ]; then
    "$python" -m venv --clear "$launcher" ||
        { echo "ci/nox.sh: '$python' cannot make environments. $prerequisites" >&2; exit 1; }
    "$launcher/bin/python" -m pip install --quiet --disable-pip-version-check "nox==$nox_version"
    echo "$contents" >"$launcher/contents"
fi
exec "$launcher/bin/python" -m nox "$@"
