"""A fact of every community is marked on each, for planning to spread"""

import sqlalchemy as sa
from alembic import op

import store.tables.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("community", sa.Column("look_at", store.tables.columns.Instant(timezone=True), nullable=True))
