#!/usr/bin/env bash
# Makes .venv-cluster: all of .venv, and the executor of requirements/slurm.lock on top of it. Not in .venv itself,
# because every run of Snakemake imports every executor it finds.
set -euo pipefail
cd "$(dirname "$0")/../.."
.venv/bin/python -m venv --clear --without-pip .venv-cluster
SITE=$(.venv-cluster/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
.venv/bin/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
    > "$SITE/below.pth"
ln -s ../.venv/share .venv-cluster/share # where Jupyter looks for kernels and templates
if command -v uv > /dev/null; then
    uv pip install --quiet --python .venv-cluster/bin/python --require-hashes --no-deps -r requirements/slurm.lock
else
    .venv/bin/python -m pip --python .venv-cluster/bin/python install --quiet --disable-pip-version-check \
        --require-hashes --no-deps -r requirements/slurm.lock
fi
