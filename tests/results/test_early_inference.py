"""What `results/early_inference/*.nc` must satisfy before anything is concluded from it."""


def test_every_nudge_was_applied(dataset, settings, fail_on, build_again):
    nudges = dataset["nudge"].values.tolist()
    problems = [] if nudges == settings["nudges"] else [f"nudges {nudges}; the configuration says {settings['nudges']}"]
    fail_on(problems, build_again)
