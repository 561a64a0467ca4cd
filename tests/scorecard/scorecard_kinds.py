"""On which databases the lines run that ask nothing of the database itself."""

import os

BOTH = ["sqlite", "postgresql"] if os.environ.get("SCORECARD_BOTH") else ["sqlite"]
"""`make scorecard` runs them on both, the suite on the quicker one."""
