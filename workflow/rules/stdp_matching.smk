rule stdp_matching:
    """Experiment: STDP of spike trains against the rate rule, for every window and pairing; checked."""
    input:
        results_of("stdp_matching"),


rule run_stdp_matching:
    """One window of the experiment stdp_matching."""
    message:
        "stdp_matching: spike trains under the window {wildcards.window}"
    input:
        code=modules_of("workflow/scripts/stdp_matching.py"),
    output:
        result="results/stdp_matching/{window}.nc",
    log:
        "logs/stdp_matching/{window}.log",
    benchmark:
        "logs/benchmarks/stdp_matching/{window}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=settings_of("stdp_matching"),
        window=lambda wildcards: CONFIGURATION.windows[wildcards.window].parameters(),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/stdp_matching.py"
