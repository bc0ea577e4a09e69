"""Writes the graph of all rules, as `snakemake --rulegraph` prints it in an empty folder."""

import subprocess
import sys
import tempfile
from pathlib import Path

from stdp_backprop.pipeline.io import write_text
from stdp_backprop.pipeline.jobs import job
from stdp_backprop.pipeline.logs import JobFailed


def rule_graph(snakefile: Path) -> str:
    """The graph in the language of Graphviz, whatever is built or configured. Raises JobFailed."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--workflow-profile", "none"]
    with tempfile.TemporaryDirectory() as empty:
        without_paths = Path(empty) / "config.yaml"  # a path in the configuration would not exist there
        without_paths.write_text("fig1_stdp_curve: {measured_points: null}\n", encoding="utf-8")
        options = ["--directory", empty, "--configfile", str(without_paths), "--rulegraph", "dot"]
        run = subprocess.run([*command, *options], capture_output=True, text=True)
    if run.returncode:
        raise JobFailed(f"snakemake --rulegraph failed:\n{run.stderr}")
    *lines, end = run.stdout[run.stdout.index("digraph") :].splitlines()
    # Snakemake prints the edges in the order of a set, another in each process
    edges = {line for line in lines if "->" in line}
    return "\n".join([*(line for line in lines if line not in edges), *sorted(edges), end, ""])


if __name__ == "__main__":
    with job(snakemake) as log:
        write_text(snakemake.output[0], rule_graph(Path(snakemake.input.rules[0]).resolve()))
        log.info("wrote %s", snakemake.output[0])
