"""The command line. Exit codes: 0 done, 1 problems found, 2 wrong usage. `--json` prints one object and nothing else.

Every command imports what it needs when it is called, so that `yinuo --help` answers at once.
"""

import typer

from bot.cli import admin, bench, evidence, keeping, ledger, ladder, reports, run, staff, talk, words  # isort: skip

app = typer.Typer(
    name="yinuo",
    help="Yinuo (一诺) asks flat owners for their property-management fee, decently, lawfully and without fail.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (run, ledger, ladder, talk, staff, reports, admin, evidence, keeping, bench):
    part.add_to(app)
app.add_typer(words.app, name="scripts", help="The wordings: check, list, show, preview, import, export, publish.")
