"""Hypothesis profiles, by HYPOTHESIS_PROFILE: `quick` in `make check`, `check` in `make test`, or `thorough`.

The first two have few examples and always the same ones.
"""

import os

from hypothesis import HealthCheck, Phase, settings

_COMMON = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}

_PHASES = (Phase.explicit, Phase.generate)  # a failure is found, not made small: that can take minutes
settings.register_profile("quick", max_examples=5, phases=_PHASES, **_COMMON)
settings.register_profile("check", max_examples=25, phases=_PHASES, **_COMMON)
settings.register_profile("thorough", max_examples=1000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "check"))
