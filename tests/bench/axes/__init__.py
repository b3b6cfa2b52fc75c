"""What is measured: a module an axis, with a TITLE and `measure(bench)`, which returns the figures."""

from __future__ import annotations

from . import background_size, big_run, capture, forward, many_clients, mass_undo, one_run, planning

ALL = {
    "one-run": one_run,
    "big-run": big_run,
    "background": background_size,
    "clients": many_clients,
    "forward": forward,
    "mass": mass_undo,
    "planning": planning,
    "capture": capture,
}
