rule relaxation:
    """Experiment: networks relax to a stationary point, for every activation function; checked."""
    message:
        "relaxation: complete"
    input:
        results_of("relaxation"),


rule run_relaxation:
    """One activation of the experiment relaxation."""
    message:
        "relaxation: {wildcards.activation} networks relax to a stationary point"
    input:
        code=modules_of("workflow/scripts/relaxation.py"),
    output:
        result="results/relaxation/{activation}.nc",
    log:
        "logs/relaxation/{activation}.log",
    benchmark:
        "logs/benchmarks/relaxation/{activation}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=lambda wildcards: settings_of("relaxation", wildcards),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/relaxation.py"
