"""One-line mutations of the sweep; see `mutation`."""

MUTATIONS = {
    ("pipeline/sweep_design.py", "unit/pipeline/test_sweep_design.py"): [
        ('return _digest({"seed": seed, **point.identity()})', "return _digest(point.identity())"),
        ("top = high + 1 if isinstance(current, int) else high", "top = high"),
        ("value = low * (top / low) ** share if", "value = low + share * (top - low) if"),
        ('key=lambda key: key != "measure.activation"', 'key=lambda key: key == "measure.activation"'),
        ("(*points[name].designs, design) if name in points else", ""),
        ("return {_digest([point.name for point in job]): job", "return {str(len(job)): job"),
        ("return [math.ceil(span.low) if whole else span.low,", "return [span.low,"),
    ],
    ("experiments/sweep.py", "unit/experiments/test_sweep.py"): [
        ("_as_lists(_over_cases(np.nanmin, at_time))", "_as_lists(_over_cases(np.nanmax, at_time))"),
        ("return (1 - share) * values[..., after - 1] + share", "return share * values[..., after - 1] + (1 - share)"),
        ("(ArithmeticError, ValueError, MemoryError, np.linalg.LinAlgError)", "(Exception,)"),
        ('update={"nudges": (point.measure.nudge,)}', 'update={"nudges": (0.01,)}'),
        ('experiment_generator(seed, "relaxation", activation)', 'experiment_generator(seed, "sweep", activation)'),
        ('"status": "not stationary", "reason": str(error)', '"status": "not stationary", "reason": ""'),
    ],
}
