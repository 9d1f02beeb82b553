"""How far an output follows a parameter."""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Ratio


@formula(cite="arithmetic")
def elasticity(output: Ratio, parameter: Ratio) -> Ratio:
    """Percent of output for a percent of a parameter, both as ratios of after to before.

    One is an output that follows the parameter, nought one that does not feel it. Local: past
    the point where something else binds, it says nothing.
    """
    return np.log(output) / np.log(parameter)
