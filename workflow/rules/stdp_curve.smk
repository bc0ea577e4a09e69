rule stdp_curve:
    """Experiment: weight change against spike lag around one presynaptic spike; checked."""
    input:
        results_of("stdp_curve"),


rule run_stdp_curve:
    """The experiment stdp_curve."""
    message:
        "stdp_curve: a threshold neuron and a Poisson neuron around one presynaptic spike"
    input:
        code=modules_of("workflow/scripts/stdp_curve.py"),
    output:
        result="results/stdp_curve.nc",
    log:
        "logs/stdp_curve.log",
    benchmark:
        "logs/benchmarks/stdp_curve.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=settings_of("stdp_curve"),
        window=CONFIGURATION.windows[CONFIGURATION.stdp_curve.window].parameters(),
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/stdp_curve.py"
