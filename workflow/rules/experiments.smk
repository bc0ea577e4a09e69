# One target per experiment, and below, from the table in common.smk, the rules that run them (run_…).


rule relaxation:
    """Experiment: networks relax to a stationary point, for every activation function; checked."""
    message:
        "relaxation: complete"
    input:
        results_of("relaxation"),


rule early_inference:
    """Experiment: the output is nudged and the first motion of the other layers recorded; checked."""
    message:
        "early_inference: complete"
    input:
        results_of("early_inference"),


rule gradient_correlation:
    """Experiment: weight changes of the rate rules against the gradients of the loss; checked."""
    message:
        "gradient_correlation: complete"
    input:
        results_of("gradient_correlation"),


rule stdp_matching:
    """Experiment: STDP of spike trains against the rate rule, for every window and pairing; checked."""
    message:
        "stdp_matching: complete"
    input:
        results_of("stdp_matching"),


rule stdp_curve:
    """Experiment: weight change against spike lag around one presynaptic spike; checked."""
    message:
        "stdp_curve: complete"
    input:
        results_of("stdp_curve"),


rule limits:
    """Experiment: what breaks the approximation of backpropagation, factor by factor; checked."""
    message:
        "limits: complete"
    input:
        results_of("limits"),


rule learning:
    """Extension: networks learn handwritten digits by the rate rules and by backpropagation; checked."""
    message:
        "learning: complete"
    input:
        results_of("learning"),


rule derivative_protocol:
    """Extension: what STDP predicts for two halves of different firing rates, for every window and pairing; checked."""
    message:
        "derivative_protocol: complete"
    input:
        results_of("derivative_protocol"),


rule spiking_inference:
    """Extension: spike-timing-dependent plasticity of the spikes of nudged networks, against the gradients; checked."""
    message:
        "spiking_inference: complete"
    input:
        results_of("spiking_inference"),


rule spiking_learning:
    """Extension: networks learn handwritten digits by STDP on their own spikes; checked."""
    message:
        "spiking_learning: complete"
    input:
        results_of("spiking_learning"),


for name, experiment in EXPERIMENTS.items():

    rule:
        """One condition of the experiment of this name."""
        name:
            f"run_{name}"
        message:
            f"{name}: {experiment.task}"
        input:
            **{source: f"results/{file_of(source)}.nc" for source in experiment.reads},
            code=modules_of(f"workflow/scripts/{name}.py"),
        output:
            result=f"results/{file_of(name)}.nc",
        log:
            f"logs/{file_of(name)}.log",
        benchmark:
            f"logs/benchmarks/{file_of(name)}.tsv"
        params:
            **parameters_of(name),
            experiment=name,
        # one thread for linear algebra too: a second one does not pay on such small matrices
        threads: 1
        conda:
            ENVIRONMENT
        resources:
            **JOB,
        priority: experiment.priority
        group:
            experiment.group
        # evaluated when the job runs, after the loop
        script:
            "../scripts/{params.experiment}.py"
