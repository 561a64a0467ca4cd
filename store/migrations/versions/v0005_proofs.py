"""A proof has its digest in the journal"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("human_contact", sa.Column("proof_digest", sa.LargeBinary(), nullable=True))
