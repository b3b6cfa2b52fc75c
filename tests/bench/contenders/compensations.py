"""What a saga's author writes for each step of the reference workflow: its deletes, children first.

The same statements as the floor's, one for each table, split among the five steps and with the last step
first. The contenders that send these differ only in how they are called.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Compensation(NamedTuple):
    """One saga step's undoing: the step, the letter before its rows' number, and the deletes."""

    step: str
    prefix: str
    deletes: tuple[str, ...]

    def key(self, number: int) -> dict[str, str]:
        """Return the parameters of the deletes for the run of this number."""
        return {"key": f"{self.prefix}{number}"}


COMPENSATIONS: Final = (
    Compensation(
        "package",
        "p",
        (
            "delete from client_to_delivery.delivery_artifacts where package_id = %(key)s",
            "delete from client_to_delivery.delivery_packages where package_id = %(key)s",
        ),
    ),
    Compensation(
        "qc",
        "q",
        (
            "delete from client_to_delivery.qc_issues where result_id = %(key)s",
            "delete from client_to_delivery.qc_results where id = %(key)s",
        ),
    ),
    Compensation(
        "draft",
        "d",
        (
            "delete from client_to_delivery.production_bundle_assets where bundle_id in "
            "(select bundle_id from client_to_delivery.production_bundles where draft_id = %(key)s)",
            "delete from client_to_delivery.production_bundles where draft_id = %(key)s",
            "delete from client_to_delivery.production_drafts where draft_id = %(key)s",
        ),
    ),
    Compensation("strategy", "s", ("delete from client_to_delivery.strategy_document where id = %(key)s",)),
    Compensation(
        "brief",
        "b",
        (
            "delete from client_to_delivery.onboarding_intake where brief_id = %(key)s",
            "delete from client_to_delivery.onboarding_brief where id = %(key)s",
        ),
    ),
)
