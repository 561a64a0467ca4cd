"""Who stands in for an owner has where the owner's consent is kept"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account_party", sa.Column("consent", sa.String(), nullable=False, server_default=""))
