"""What the workflow takes from Snakemake beyond its documentation, all of it; tested with the versions it may have.

More stands at the top of workflow/rules/common.smk, which must find this package first: `workflow.current_basedir`, its
`is_local`, and the clone of a forge in its `hosted_repo`.
"""

import os
import shlex
import sys
from pathlib import Path
from typing import Any


def is_main(workflow: Any) -> bool:
    """Whether this is the Snakemake that the user started, not one that it started for a job on a cluster.

    Each of these reads the Snakefile too, and must not repair or refuse anything while the run is at work.
    """
    return workflow.is_main_process


def is_module(workflow: Any) -> bool:
    """Whether another workflow uses this one as a module, with a configuration of its own.

    Snakemake then passes over the line that names config.yaml.
    """
    return workflow.modifier.skip_configfile


def given_by_config(workflow: Any) -> bool:
    """Whether the command line has `--config`, whose numbers arrive as text: what is wrong with one is explained."""
    return bool(workflow.config_settings.config)


def options_of(workflow: Any) -> list[str]:
    """The options that a run of a single job needs too, for the command that the end of a failed run suggests."""
    files, folder = list(map(str, workflow.config_settings.configfiles)), workflow.overwrite_workdir
    elsewhere = ["--directory", os.getcwd()] if folder else []
    return [*elsewhere, *(["--configfile", *(files if folder else map(os.path.relpath, files))] if files else [])]


def use_python_without_quotes(state: Path) -> None:
    """Have Snakemake call this Python by a path that a shell reads as one word, through a link in `state` if need be.

    It calls the Python of its script jobs, `sys.executable`, without quotes: a space or a quote in the path would end
    every job before it begins.
    """
    if shlex.quote(sys.executable) == sys.executable:
        return
    environment, link = Path(sys.executable).parents[1], state / "environment"
    if not link.exists() or not link.samefile(environment):
        new = state / f"environment.{os.getpid()}"
        new.symlink_to(environment, target_is_directory=True)
        os.replace(new, link)
    sys.executable = str(link / Path(sys.executable).relative_to(environment))
