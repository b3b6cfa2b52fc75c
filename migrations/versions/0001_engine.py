"""The engine's schemas and tables.

Revision ID: 0001
Revises:
"""

from pgunwind import manifest, migrate

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the step; env.py replaces the functions."""
    migrate.run_pinned(manifest.step_file("engine/steps/0001_tables.sql").text)


def downgrade() -> None:
    """Remove everything, unless runs are live.

    Schema unwind itself stays: alembic has yet to write to its version table there. env.py drops it in the
    same transaction.
    """
    migrate.run_pinned(manifest.uninstall_text())
