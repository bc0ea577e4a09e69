rule limits:
    """Experiment: what breaks the approximation of backpropagation, factor by factor; checked."""
    message:
        "limits: complete"
    input:
        results_of("limits"),


rule run_limits:
    """One activation of the experiment limits."""
    message:
        "limits: what breaks the approximation in the {wildcards.activation} networks"
    input:
        code=modules_of("workflow/scripts/limits.py"),
        relaxation="results/relaxation/{activation}.nc",
    output:
        result="results/limits/{activation}.nc",
    log:
        "logs/limits/{activation}.log",
    benchmark:
        "logs/benchmarks/limits/{activation}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=settings_of("limits"),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/limits.py"
