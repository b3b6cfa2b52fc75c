"""Whose rows, and with whose rights: started_by, released entities, the audit log.

Revision ID: 0002
Revises: 0001
"""

from pgunwind import manifest, migrate

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the step; env.py replaces the functions."""
    migrate.run_pinned(manifest.step_file("engine/steps/0002_exact.sql").text)


def downgrade() -> None:
    """Leave it to revision 0001, whose downgrade removes the tables with all the rest."""
