"""The house itself: its floors, its names, its locks, and what its first page promises."""

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.cli import app

HOME = Path(__file__).parents[1]
OURS = ("bot", "channels", "store")
SHELF = ".".join
REGISTRIES = (
    SHELF(("pypi", "org")), SHELF(("files", "pythonhosted", "org")), SHELF(("registry", "npmjs", "org")),
    SHELF(("conda", "anaconda", "org")), SHELF(("proxy", "golang", "org")),
)  # fmt: skip
BREAKS = {
    "channels/rates.py": ("import bot.clock", "Channels know nobody"),
    "bot/rules/due.py": ("import bot.flows.plan", "Floors"),
    "bot/talk/masks.py": ("import socket", "Rules and talk are pure"),
    "bot/web/hooks.py": ("import channels.sms.send", "The web holds no channel"),
    "bot/flows/plan.py": ("import channels.sandbox.app", "The product does not know its fakes"),
}
"""A line added to a file, and the contract that must notice."""


def tracked() -> list[Path]:
    """The files of the project."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=HOME, capture_output=True, check=False)
    if told.returncode:
        pytest.skip("not a git checkout")
    return [HOME / name for name in told.stdout.decode().split("\0") if name]


def test_every_floor_broken_on_purpose_is_reported(tmp_path: Path) -> None:
    for name in OURS:
        shutil.copytree(HOME / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static", "*.db"))
    shutil.copy(HOME / "pyproject.toml", tmp_path)
    for name, (line, _contract) in BREAKS.items():
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    lint = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run(
        [lint, "--no-cache", "--no-logo"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )  # fmt: skip
    assert told.returncode == 1, told.stdout + told.stderr
    broken = [line for line in told.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    for _line, contract in BREAKS.values():
        assert any(line.startswith(contract) for line in broken), (contract, broken)


def locked() -> set[str]:
    names: set[str] = set()
    for path in (HOME / "requirements").glob("*.txt"):
        names |= set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", path.read_text(encoding="utf-8"), re.MULTILINE))
    return names


def test_no_locked_distribution_brings_a_package_of_our_name() -> None:
    names = locked()
    assert len(names) > 50
    for name in sorted(names):
        try:
            files = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        tops = {file.parts[0] for file in files if len(file.parts) > 1}
        assert not tops & set(OURS), f"{name} brings {tops & set(OURS)}"


def test_every_lock_has_hashes_and_names_no_registry() -> None:
    for path in (HOME / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "--index-url" not in text
        assert "://" not in text


def test_no_tracked_file_names_a_registry_host() -> None:
    for path in tracked():
        if path.is_file() and path.suffix not in (".png", ".ttf", ".otf", ".woff2"):
            text = path.read_text(encoding="utf-8", errors="ignore")
            found = [host for host in REGISTRIES if host in text]
            assert not found, f"{path.relative_to(HOME)} names {found}"


def commands() -> dict[str, Any]:
    """The commands as the command line knows them; a group has commands of its own."""
    group: Any = get_command(app)
    return dict(group.commands)


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_command_of_the_readme_exists(page: str) -> None:
    text, known = (HOME / page).read_text(encoding="utf-8"), commands()
    used = re.findall(r"(?:\.venv/bin/|`)yinuo ([a-z-]+)([^`\n#]*)", text)
    assert len(used) >= 8
    for name, rest in used:
        assert name in known, f"{page}: yinuo {name}"
        options = {option for param in known[name].params for option in param.opts}
        if not hasattr(known[name], "commands"):
            for option in re.findall(r"(--[a-z-]+)", rest):
                assert option in options, f"{page}: yinuo {name} {option}"


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_make_target_of_the_pages_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    used = set(re.findall(r"(?:^|`)make ([a-z-]+)", (HOME / page).read_text(encoding="utf-8"), re.MULTILINE))
    assert used <= targets, used - targets


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_linked_page_is_there(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (HOME / page).read_text(encoding="utf-8"))
    missing = [link for link in links if not (HOME / link).exists()]
    assert not missing, missing


def test_a_stranger_of_our_name_stops_the_program_with_one_sentence(tmp_path: Path) -> None:
    """Django Channels, too, brings a package called channels."""
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "__init__.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from bot.__main__ import main; main()"
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode != 0
    assert "channels" in told.stderr
    assert "Traceback" not in told.stderr
