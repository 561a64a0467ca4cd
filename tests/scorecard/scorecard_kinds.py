"""On which databases the lines run that ask nothing of the database itself."""

import os

BOTH = ["sqlite", "postgresql"] if os.environ.get("SCORECARD") == "full" else ["sqlite"]
"""The full form runs them on both, the quick form on the quicker one."""
