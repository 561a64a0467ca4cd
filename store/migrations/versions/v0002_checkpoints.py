"""Signed checkpoints of the journal"""

import sqlalchemy as sa
from alembic import op

import store.tables.columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal_checkpoint",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("at", store.tables.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
