# The sweep over the parameters in config/sweep.yaml: `snakemake sweep`. The points come from sweep_points.smk.


rule sweep:
    """The sweep over the parameters in config/sweep.yaml, and its figure (not part of everything)."""
    message:
        "sweep: complete"
    input:
        "results/sweep.nc",
        files_of_figures(["fig_sweep"]),


rule run_sweep_job:
    """The points of one job of the sweep."""
    message:
        "sweep: job {wildcards.job}"
    input:
        code=modules_of("workflow/scripts/sweep_job.py"),
    output:
        rows="results/sweep/job~{job}.json",
    log:
        "logs/sweep/{job}.log",
    benchmark:
        "logs/benchmarks/sweep/{job}.tsv"
    params:
        seed=CONFIGURATION.seed,
        points=points_of_job,
        finished=FINISHED_POINTS,
    wildcard_constraints:
        job="[0-9a-f]{12}",
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB | {"runtime": lambda wildcards, attempt: 120 * attempt},
    script:
        "../scripts/sweep_job.py"


rule gather_sweep:
    """All points of the sweep in one file."""
    message:
        "sweep: all points in one file"
    input:
        code=modules_of("workflow/scripts/sweep.py"),
        rows=sweep_rows,
    output:
        result="results/sweep.nc",
    log:
        "logs/sweep.log",
    benchmark:
        "logs/benchmarks/sweep.tsv"
    params:
        points=lambda wildcards: [point.name for point in sweep_points()],
        table=sweep_table,
        seed=CONFIGURATION.seed,
        settings=lambda wildcards: sweep_file().model_dump(mode="json"),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    group:
        "sweep"
    script:
        "../scripts/sweep.py"
