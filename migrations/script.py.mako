"""${message}.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from pgunwind import manifest, migrate
${imports if imports else ""}
revision = "${up_revision}"
down_revision = ${repr(down_revision).replace("'", '"')}
branch_labels = ${repr(branch_labels).replace("'", '"')}
depends_on = ${repr(depends_on).replace("'", '"')}


def upgrade() -> None:
    """Run the step; env.py replaces the functions."""
    ${upgrades if upgrades else 'raise NotImplementedError("name the file in sql/engine/steps")'}


def downgrade() -> None:
    """Undo the step."""
    ${downgrades if downgrades else 'raise NotImplementedError("say how to undo the step")'}
