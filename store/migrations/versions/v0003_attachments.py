"""Pictures and files people send, kept sealed"""

import sqlalchemy as sa
from alembic import op

import store.tables.columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = store.tables.columns.BIG


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("inbound_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", store.tables.columns.Instant(timezone=True), nullable=False),
        sa.Column("next_at", store.tables.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("inbound_id"),
    )
    for column in ("account_id", "person_id", "state"):
        op.create_index(op.f(f"ix_attachment_{column}"), "attachment", [column])
    op.drop_column("inbound", "file")
