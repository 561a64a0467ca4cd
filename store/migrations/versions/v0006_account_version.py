"""An account counts the facts that changed, so that planning swallows none"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
