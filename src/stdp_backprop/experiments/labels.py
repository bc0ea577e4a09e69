"""The attributes that every variable of a result carries."""


def labelled(unit: str, meaning: str) -> dict[str, str]:
    """Attributes of a variable; the unit is "1" where there is none."""
    return {"units": unit, "long_name": meaning}
