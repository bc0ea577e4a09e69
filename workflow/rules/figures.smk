# One rule per figure, named as the figure.

SWEEP_FIGURE = Figure(
    "The sweep: alignment with backpropagation over two of its parameters.",
    [],
    lambda wildcards: sweep_file().figure.model_dump(),
    files=["results/sweep.nc"],
    group="sweep",
)

for name, figure in {**FIGURES, "fig_sweep": SWEEP_FIGURE}.items():

    rule:
        """The figure of this name: its executed notebook and the images that it draws."""
        name:
            name
        message:
            f"{name}: notebook"
        input:
            notebook=in_project(f"notebooks/{name}.ipynb"),
            style=in_project("notebooks/journal.mplstyle"),
            code=[*modules_of("workflow/scripts/figure.py"), *modules_of(f"notebooks/{name}.ipynb")[1:]],
            results=results_of(*figure.reads),
            files=figure.files,
        output:
            images=reported_images(name),
            caption=f"results/figures/{name}.caption.md",
            notebook=f"results/displayed/{name}.ipynb",
        log:
            f"logs/figures/{name}.log",
        benchmark:
            f"logs/benchmarks/figures/{name}.tsv"
        params:
            figure=name,
            description=figure.description,
            parameters=figure.parameters,
            # neither an output, which Snakemake removes when a job fails, nor a log, which it would then print
            executed=f"results/notebooks/{name}.ipynb",
        threads: 1
        conda:
            ENVIRONMENT
        resources:
            **JOB,
        group:
            figure.group
        script:
            "../scripts/figure.py"
