rule spiking_learning:
    """Extension: networks learn handwritten digits by STDP on their own spikes; checked."""
    message:
        "spiking_learning: complete"
    input:
        results_of("spiking_learning"),


rule run_spiking_learning:
    """One network of the experiment spiking_learning on one split of the digits."""
    message:
        "spiking_learning: {wildcards.spiking_learner}, split {wildcards.split}"
    input:
        code=modules_of("workflow/scripts/spiking_learning.py"),
    output:
        result="results/spiking_learning/{spiking_learner}_{split}.nc",
    log:
        "logs/spiking_learning/{spiking_learner}_{split}.log",
    benchmark:
        "logs/benchmarks/spiking_learning/{spiking_learner}_{split}.tsv"
    params:
        seed=CONFIGURATION.seed,
        settings=lambda wildcards: settings_of("spiking_learning", wildcards),
        windows={name: window.parameters() for name, window in CONFIGURATION.windows.items()},
    # one thread of linear algebra too: on matrices this small a second one only costs
    threads: 1
    conda:
        ENVIRONMENT
    resources:
        **JOB,
    script:
        "../scripts/spiking_learning.py"
