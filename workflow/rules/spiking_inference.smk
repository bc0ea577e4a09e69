rule spiking_inference:
    """Extension: spike-timing-dependent plasticity of the spikes of nudged networks, against the gradients; checked."""
    message:
        "spiking_inference: complete"
    input:
        results_of("spiking_inference"),


rule run_spiking_inference:
    """One activation of the experiment spiking_inference."""
    message:
        "spiking_inference: STDP of the spikes of the nudged {wildcards.activation} networks"
    input:
        code=modules_of("workflow/scripts/spiking_inference.py"),
        relaxation="results/relaxation/{activation}.nc",
    output:
        result="results/spiking_inference/{activation}.nc",
    log:
        "logs/spiking_inference/{activation}.log",
    benchmark:
        "logs/benchmarks/spiking_inference/{activation}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=lambda wildcards: settings_of("spiking_inference", wildcards),
        windows={name: window.parameters() for name, window in CONFIGURATION.windows.items()},
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/spiking_inference.py"
