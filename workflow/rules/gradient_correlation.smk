rule gradient_correlation:
    """Experiment: weight changes of the rate rules against the gradients of the loss; checked."""
    message:
        "gradient_correlation: complete"
    input:
        results_of("gradient_correlation"),


rule run_gradient_correlation:
    """One activation of the experiment gradient_correlation."""
    message:
        "gradient_correlation: weight changes of the {wildcards.activation} networks against gradients"
    input:
        code=modules_of("workflow/scripts/gradient_correlation.py"),
        relaxation="results/relaxation/{activation}.nc",
        early_inference="results/early_inference/{activation}.nc",
    output:
        result="results/gradient_correlation/{activation}.nc",
    log:
        "logs/gradient_correlation/{activation}.log",
    benchmark:
        "logs/benchmarks/gradient_correlation/{activation}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=settings_of("gradient_correlation"),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/gradient_correlation.py"
