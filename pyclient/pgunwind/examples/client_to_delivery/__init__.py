"""client_to_delivery: from a client's brief to a delivered package, in five steps and ten tables.

The tables and the workflow's definition are plain SQL (sql/workflows/client_to_delivery); this package is
the application that fills them. Each step is one transaction, and what a failed run left is undone by one
call in the database.
"""

from pgunwind.examples.client_to_delivery.application import (
    WORKFLOW,
    ClientToDelivery,
    DeliveryFailed,
    QcFailed,
    StepFailed,
)
from pgunwind.examples.client_to_delivery.installation import install
from pgunwind.examples.client_to_delivery.result import SAGA_NAMES, Result
from pgunwind.examples.client_to_delivery.rows import SCHEMA, TABLES

__all__ = [
    "SAGA_NAMES",
    "SCHEMA",
    "TABLES",
    "WORKFLOW",
    "ClientToDelivery",
    "DeliveryFailed",
    "QcFailed",
    "Result",
    "StepFailed",
    "install",
]
