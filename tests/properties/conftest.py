"""How hard hypothesis tries: HYPOTHESIS_PROFILE=deep for a long search."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# The database is shared by all examples of a test; each example rolls back what it did.
EVERY_PROFILE = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

settings.register_profile("default", EVERY_PROFILE, max_examples=100)
settings.register_profile("deep", EVERY_PROFILE, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
