"""Attempts are found by when they began: the figures ask for the last hour"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_attempt_started", "attempt", ["started_at"])
