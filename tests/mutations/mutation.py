"""A change of one line of the package, which the tests that it names must notice.

A list of tests that all pass proves little until each line that it is about has been broken once: `make mutants`. The
tables beside this file give, for a file and the tests that must notice, every line with its replacement.
"""

from typing import NamedTuple


class Mutation(NamedTuple):
    """`line` of src/stdp_backprop/`file` (or a part of it; it must occur once) becomes `replacement`.

    tests : what must fail then, a file below tests/ or several, separated by blanks
    """

    file: str
    line: str
    replacement: str
    tests: str
