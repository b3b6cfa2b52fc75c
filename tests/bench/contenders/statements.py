"""The deletes of one run, children first, as an application that knows its five keys would send them."""

from __future__ import annotations

from typing import Final

DELETES: Final = (
    ("delete from client_to_delivery.delivery_artifacts where package_id = %s", "p"),
    ("delete from client_to_delivery.delivery_packages where package_id = %s", "p"),
    ("delete from client_to_delivery.qc_issues where result_id = %s", "q"),
    ("delete from client_to_delivery.qc_results where id = %s", "q"),
    (
        "delete from client_to_delivery.production_bundle_assets where bundle_id in "
        "(select bundle_id from client_to_delivery.production_bundles where draft_id = %s)",
        "d",
    ),
    ("delete from client_to_delivery.production_bundles where draft_id = %s", "d"),
    ("delete from client_to_delivery.production_drafts where draft_id = %s", "d"),
    ("delete from client_to_delivery.strategy_document where id = %s", "s"),
    ("delete from client_to_delivery.onboarding_intake where brief_id = %s", "b"),
    ("delete from client_to_delivery.onboarding_brief where id = %s", "b"),
)
"""Each with the letter that, before the run's number, makes its key."""
