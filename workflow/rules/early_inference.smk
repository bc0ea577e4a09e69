rule early_inference:
    """Experiment: the output is nudged and the first motion of the other layers recorded; checked."""
    message:
        "early_inference: complete"
    input:
        results_of("early_inference"),


rule run_early_inference:
    """One activation of the experiment early_inference."""
    message:
        "early_inference: the outputs of the {wildcards.activation} networks are nudged"
    input:
        code=modules_of("workflow/scripts/early_inference.py"),
        relaxation="results/relaxation/{activation}.nc",
    output:
        result="results/early_inference/{activation}.nc",
    log:
        "logs/early_inference/{activation}.log",
    benchmark:
        "logs/benchmarks/early_inference/{activation}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=settings_of("early_inference"),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/early_inference.py"
