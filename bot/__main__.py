"""The start: checks that we are ourselves, then hands over to the command line."""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
OURS = ("bot", "channels", "store")


def strangers() -> list[str]:
    """Import names of ours that lead to somebody else's package (Django Channels ships `channels`, for one)."""
    found = []
    for name in OURS:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None or Path(spec.origin).resolve().parent != HERE / name:
            found.append(name)
    return found


def main() -> None:
    """Runs `yinuo`."""
    taken = strangers()
    if taken:
        print(
            f"another installed package answers to {', '.join(taken)}; install Yinuo in an environment of its own "
            "(make env)",
            file=sys.stderr,
        )
        raise SystemExit(1)
    from bot.cli import app

    app()


if __name__ == "__main__":
    main()
