# A sweep over the parameters in config/sweep.yaml. Only a run that asks for it reads that file: `functools.cache` and
# the input functions put off the drawing of the points, and the import of pandas and scipy, until then.

from functools import cache, partial

FINISHED_POINTS = "results/sweep/points"


@cache
def sweep_file():
    """config/sweep.yaml, or what `--config sweep=FILE` names instead, checked against its models."""
    from stdp_backprop.pipeline.sweep_design import read_sweep

    return strictly(read_sweep, strictly(read_strictly, SWEEP))


@cache
def sweep_points():
    from stdp_backprop.pipeline.sweep_design import points_of

    return strictly(points_of, sweep_file(), CONFIGURATION)


@cache
def sweep_jobs():
    """The name of each job and its points."""
    from stdp_backprop.pipeline.sweep_design import batch_points

    return batch_points(sweep_points(), sweep_file().points_per_job)


@cache
def sweep_space():
    """The jobs as a Paramspace: a table whose entries are short names, from which the names of files are made."""
    import pandas
    from snakemake.utils import Paramspace

    return Paramspace(pandas.DataFrame({"job": list(sweep_jobs())}), filename_params="*")


def sweep_rows(wildcards):
    return expand("results/sweep/{job}.json", job=sweep_space().instance_patterns)


def points_of_job(wildcards):
    """Name -> settings of the points of a job."""
    points = sweep_jobs().get(wildcards.job)
    if points is None:
        end_run(
            f"results/sweep/job~{wildcards.job}.json: {SWEEP} defines no such job; build the sweep with: snakemake sweep"
        )
    return {point.name: point.settings for point in points}


def sweep_table(wildcards):
    """What the gathered file needs beside the rows."""
    from stdp_backprop.pipeline.sweep_design import swept_keys, unit_of

    keys, points = swept_keys(sweep_file()), sweep_points()
    return {
        "values": {key: [point.values[key] for point in points] for key in keys},
        "designs": [", ".join(point.designs) for point in points],
        "units": {key: unit_of(key) for key in keys},
    }
