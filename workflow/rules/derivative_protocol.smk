rule derivative_protocol:
    """Extension: what STDP predicts for two halves of different firing rates, for every window and pairing; checked."""
    message:
        "derivative_protocol: complete"
    input:
        results_of("derivative_protocol"),


rule run_derivative_protocol:
    """One window of the experiment derivative_protocol."""
    message:
        "derivative_protocol: two halves of different rates under the window {wildcards.window}"
    input:
        code=modules_of("workflow/scripts/derivative_protocol.py"),
    output:
        result="results/derivative_protocol/{window}.nc",
    log:
        "logs/derivative_protocol/{window}.log",
    benchmark:
        "logs/benchmarks/derivative_protocol/{window}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=settings_of("derivative_protocol"),
        window=lambda wildcards: CONFIGURATION.windows[wildcards.window].parameters(),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/derivative_protocol.py"
