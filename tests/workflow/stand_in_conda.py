"""A stand-in for conda: it answers what Snakemake asks, and an environment that it creates is the one it runs in.

It appends every command to `commands` and keeps the file of every environment in `created`, both in the folder named by
its first argument, so that a test can read them.
"""

import json
import shutil
import sys
from itertools import pairwise
from pathlib import Path

ANSWERS = {
    ("info", "--json"): lambda home: json.dumps({"conda_prefix": str(home), "platform": "linux-64"}),
    ("--version",): lambda home: "conda 25.1.1",
    ("config", "--get", "channel_priority", "--json"): lambda home: '{"get": {"channel_priority": "strict"}}',
    ("clean", "-y", "--tarballs"): lambda home: "",
}
ACTIVATE = 'echo activate >> {commands}\nexport PATH="$1/bin:$PATH"\n'


def install(home: Path) -> Path:
    """Put the stand-in into `home`; returns the folder for PATH."""
    programs = home / "bin"
    programs.mkdir(parents=True)
    (programs / "conda").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{home}" "$@"\n')
    (programs / "conda").chmod(0o755)
    (programs / "activate").write_text(ACTIVATE.format(commands=home / "commands"))
    return programs


def create(home: Path, arguments: list[str]) -> None:
    """`conda env create --file FILE --prefix FOLDER`: the folder leads to the environment that this program runs in."""
    options = dict(pairwise(arguments))
    file, folder = Path(options["--file"]), Path(options["--prefix"])
    (home / "created").mkdir(exist_ok=True)
    shutil.copy(file, home / "created" / file.name)
    folder.symlink_to(sys.prefix, target_is_directory=True)


def main(home: Path, arguments: list[str]) -> None:
    with (home / "commands").open("a") as commands:
        commands.write(" ".join(arguments) + "\n")
    if arguments[:2] == ["env", "create"]:
        create(home, arguments)
    else:
        print(ANSWERS[tuple(arguments)](home))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
