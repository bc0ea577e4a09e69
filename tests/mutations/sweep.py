"""One-line mutations of the sweep, see `mutation`."""

from mutation import Mutation

_POINTS = "unit/pipeline/test_sweep_design.py"
_MEASURED = "unit/experiments/test_sweep.py"

MUTATIONS = (
    Mutation(
        "pipeline/sweep_design.py",
        'return _digest({"seed": seed, **point.identity()})',
        "return _digest(point.identity())",
        _POINTS,
    ),
    Mutation("pipeline/sweep_design.py", "top = high + 1 if isinstance(current, int) else high", "top = high", _POINTS),
    Mutation(
        "pipeline/sweep_design.py",
        "value = low * (top / low) ** share if",
        "value = low + share * (top - low) if",
        _POINTS,
    ),
    Mutation(
        "pipeline/sweep_design.py",
        'key=lambda key: key != "measure.activation"',
        'key=lambda key: key == "measure.activation"',
        _POINTS,
    ),
    Mutation("pipeline/sweep_design.py", "(*points[name].designs, design) if name in points else", "", _POINTS),
    Mutation(
        "pipeline/sweep_design.py",
        "return {_digest([point.name for point in job]): job",
        "return {str(len(job)): job",
        _POINTS,
    ),
    Mutation(
        "pipeline/sweep_design.py", "return [math.ceil(span.low) if whole else span.low,", "return [span.low,", _POINTS
    ),
    Mutation(
        "experiments/sweep.py",
        "_as_lists(_over_cases(np.nanmin, at_time))",
        "_as_lists(_over_cases(np.nanmax, at_time))",
        _MEASURED,
    ),
    Mutation(
        "experiments/sweep.py",
        "return (1 - share) * values[..., after - 1] + share",
        "return share * values[..., after - 1] + (1 - share)",
        _MEASURED,
    ),
    Mutation(
        "experiments/sweep.py",
        "(ArithmeticError, ValueError, MemoryError, np.linalg.LinAlgError)",
        "(Exception,)",
        _MEASURED,
    ),
    Mutation(
        "experiments/sweep.py", 'update={"nudges": (point.measure.nudge,)}', 'update={"nudges": (0.01,)}', _MEASURED
    ),
    Mutation(
        "experiments/sweep.py",
        'experiment_generator(seed, "relaxation", activation)',
        'experiment_generator(seed, "sweep", activation)',
        _MEASURED,
    ),
    Mutation(
        "experiments/sweep.py",
        '"status": "not stationary", "reason": str(error)',
        '"status": "not stationary", "reason": ""',
        _MEASURED,
    ),
)
