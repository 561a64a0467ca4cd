"""What a machine is set up with is valid, hardened, and names nothing that does not exist."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.cli import app
from bot.flows.seen import Figures
from bot.settings import Settings
from bot.web.metrics import _Told

HOME = Path(__file__).resolve().parent.parent
FILES = sorted(
    [
        *(HOME / name for name in ("Dockerfile", "compose.yaml", ".dockerignore")),
        *(HOME / "docs" / name for name in ("alerts.yml", "deploy.md", "scale.md")),
        *(HOME / "docs/deploy").iterdir(),
    ]
)
COMPOSE = (["docker", "compose"], ["docker-compose"])
HOST = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.(?:io|org|com|net|dev|cn)\b|index-url")
FOLDER = re.compile(r"(?<![\w.~*/:}<-])/([a-z][\w.-]*)(?=/)")
FOLDERS = {"app", "backups", "bin", "dev", "etc", "keys", "opt", "tmp", "usr", "var", "venv"}


@pytest.fixture
def compose() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((HOME / "compose.yaml").read_text())
    return told


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_host_of_the_net_and_no_folder_of_somebodys_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert HOST.search(text) is None
    assert set(FOLDER.findall(text)) <= FOLDERS


def test_two_workers_two_doors_one_proxy_one_database(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services.pop("backup")["profiles"] == ["backup"], "not one that runs"
    assert sorted(services) == ["db", "proxy", "web1", "web2", "work1", "work2"]
    assert [services[name]["command"] for name in ("web1", "web2", "work1", "work2")] == [
        ["serve"], ["serve"], ["work"], ["work"],
    ]  # fmt: skip
    assert services["db"]["image"].startswith("postgres:")
    doors = [name for name, service in services.items() if service.get("ports")]
    assert doors == ["proxy"], "nothing but the proxy is open to the world"


def test_our_containers_are_read_only_and_without_privileges(compose: dict[str, Any]) -> None:
    for name in ("web1", "web2", "work1", "work2"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["environment"]["ENVIRONMENT"] == "production"
        assert service["depends_on"]["db"]["condition"] == "service_healthy"


def test_the_example_of_settings_cannot_shut_the_containers_doors(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.env` reaches the containers too; what is said beside it in the composition holds."""
    example = [
        line.split("=", 1) for line in (HOME / ".env.example").read_text().splitlines() if re.match(r"\w+=", line)
    ]
    for name, value in (*example, *compose["services"]["web1"]["environment"].items()):
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert (settings.host, f"{settings.port}") == ("0.0.0.0", compose["services"]["web1"]["expose"][0])
    assert (settings.environment, settings.keys_file) == ("production", Path("/keys/keys.json"))
    assert any(mount.startswith(f"{settings.var}:") for mount in compose["services"]["web1"]["tmpfs"])


def test_every_volume_is_declared_and_every_mounted_file_exists(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (HOME / source).exists() if source.startswith(".") else source in compose["volumes"], mount


def test_no_password_stands_in_the_file(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "@" in str(value):
                assert "${POSTGRES_PASSWORD:?" in value


def test_the_composition_is_valid(tmp_path: Path) -> None:
    command = next((words for words in COMPOSE if speaks(words)), None)
    if command is None:
        pytest.skip("no compose here (`make system` installs it); the file's shape is judged by the other tests")
    shutil.copy(HOME / "compose.yaml", tmp_path)
    shutil.copy(HOME / ".env.example", tmp_path / ".env")
    secrets = {"PATH": "/usr/local/bin:/usr/bin:/bin", "POSTGRES_PASSWORD": "x", "YINUO_DOMAIN": "example.org"}
    run = subprocess.run([*command, "config"], cwd=tmp_path, env=secrets, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    running = set(yaml.safe_load(run.stdout)["services"]) - {"backup"}  # older tools list what has a profile, too
    assert sorted(running) == ["db", "proxy", "web1", "web2", "work1", "work2"]


def speaks(words: list[str]) -> bool:
    return (
        shutil.which(words[0]) is not None and not subprocess.run([*words, "version"], capture_output=True).returncode
    )


def steps() -> list[tuple[str, str]]:
    """The image's instructions, continued lines joined."""
    text = re.sub(r"\\\n", " ", (HOME / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in lines]


def test_the_image_is_built_in_two_stages_from_the_lock_file() -> None:
    told = steps()
    assert [what for what, _ in told].count("FROM") == 2
    assert any("--require-hashes -r /tmp/run.txt" in line for what, line in told if what == "RUN")
    for _, line in (step for step in told if step[0] == "COPY" and not step[1].startswith("--from")):
        assert (HOME / line.split()[0]).exists(), line


def test_the_image_runs_as_nobody_special_and_tells_its_health() -> None:
    told = steps()
    users = [line for what, line in told if what == "USER"]
    assert users == ["10001"]
    assert [what for what, _ in told].index("USER") < [what for what, _ in told].index("ENTRYPOINT")
    health = next(line for what, line in told if what == "HEALTHCHECK")
    command = json.loads(health.split("CMD", 1)[1])
    compile(command[-1], "healthcheck", "exec")
    assert "/readyz" in command[-1]
    assert json.loads(next(line for what, line in told if what == "ENTRYPOINT")) == ["python", "-m", "bot"]


def test_the_workers_health_is_a_program(compose: dict[str, Any]) -> None:
    compile(compose["services"]["work1"]["healthcheck"]["test"][-1], "healthcheck", "exec")


@pytest.mark.parametrize("path", sorted((HOME / "docs/deploy").glob("*.service")), ids=lambda path: path.name)
def test_every_unit_starts_a_command_that_exists(path: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    command = re.search(r"/yinuo (\w+)", unit["Service"]["ExecStart"])
    assert command is not None
    assert command.group(1) in commands()
    assert unit["Service"]["User"] == "yinuo"
    assert unit["Service"]["NoNewPrivileges"] == "yes"


def commands() -> dict[str, Any]:
    found: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]
    return found


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A machine with the wrapper, a program that tells how it was called, and a setpriv that only takes note."""
    program, data = tmp_path / "opt/.venv/bin/yinuo", tmp_path / "data dir"
    text = (HOME / "docs/deploy/yinuo").read_text().replace("/etc/yinuo/env", f"'{tmp_path / 'env'}'")
    told = {"wrapper": text, "id": "echo $WHO", "setpriv": 'echo "as $*" >&2; while [ "$1" != -- ]; do shift; done\n'
            'shift; exec "$@"',
            "program": 'pwd; umask; printf "%s\\n" "$DATABASE_URL|$SECRET|$QUOTED|$HOME|$*"'}  # fmt: skip
    for folder in (program.parent, data, tmp_path / "bin"):
        folder.mkdir(parents=True)
    for name, words in told.items():
        path = program if name == "program" else tmp_path / "bin" / name
        path.write_text(words if name == "wrapper" else f"#!/bin/sh\n{words}\n")
        path.chmod(0o755)
    (tmp_path / "env").write_text(
        f'# settings\nYINUO_VAR={data}\nDATABASE_URL=sqlite:////x.db\nSECRET=a$b `c` "d" \\e\nQUOTED="two words"'
    )

    def types(*words: str, who: str = "root") -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "YINUO_HOME": str(tmp_path / "opt"), "WHO": who}
        return subprocess.run(["wrapper", *words], env=environment, capture_output=True, text=True, check=False)

    return types


def test_a_command_at_the_shell_has_the_settings_the_folder_and_the_user_of_the_units(
    machine: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    said = machine("pause", "all", "--why", "two words")
    assert said.returncode == 0, said.stderr
    where, mask, told = said.stdout.splitlines()
    assert (where, mask) == (str(tmp_path / "data dir"), "0077")
    assert told == f'sqlite:////x.db|a$b `c` "d" \\e|two words|{tmp_path / "data dir"}|pause all --why two words'
    assert "as --reuid=yinuo --regid=yinuo --init-groups" in said.stderr


def test_the_service_s_own_user_may_type_it_too_and_nobody_else(
    machine: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    own, other = machine("verify", who="yinuo"), machine("verify", who="guest")
    assert (own.returncode, own.stderr) == (0, "")
    assert (other.returncode, other.stdout) == (1, "")
    assert "run this as root or as yinuo" in other.stderr
    (tmp_path / "env").unlink()
    assert machine("verify").returncode == 1


def test_every_command_the_page_names_exists() -> None:
    page = (HOME / "docs/deploy.md").read_text(encoding="utf-8")
    known = commands()
    for told in re.findall(r"(?<![\w/.-])yinuo (?!yinuo)([a-z][a-z -]*)", page):
        words = shlex.split(told)
        assert words[0] in known, told
        inner = getattr(known[words[0]], "commands", None)
        if inner is not None:
            assert words[1] in inner, told


def test_the_folder_the_units_name_is_a_link_made_at_first_and_switched_by_an_upgrade() -> None:
    page = (HOME / "docs/deploy.md").read_text(encoding="utf-8")
    first, upgrade = page.split("## Upgrading while it runs")
    links = [re.findall(r"ln -sfn (/opt/yinuo-[\d.]+) /opt/yinuo\b", part) for part in (first, upgrade)]
    assert [len(made) for made in links] == [1, 1]
    assert upgrade.index("yinuo check") < upgrade.index("ln -sfn") < upgrade.index("systemctl restart")


def test_every_service_the_page_runs_a_command_in_exists(compose: dict[str, Any]) -> None:
    page = (HOME / "docs/deploy.md").read_text(encoding="utf-8")
    told = re.findall(
        r"docker compose (?:run --rm|exec)(?: --no-deps)? (\w+) (?:python -m bot )?(?!python)([a-z]+)", page
    )
    assert {"backup", "pause", "verify", "audit", "check"} <= {command for _, command in told}
    for service, command in told:
        assert service in compose["services"], service
        assert service == "db" or command in commands(), command


def test_a_restoration_stops_what_speaks_and_nothing_else() -> None:
    page = (HOME / "docs/deploy.md").read_text(encoding="utf-8")
    stopped = next(line for line in page.splitlines() if line.startswith("systemctl stop"))
    assert shlex.split(stopped)[2:] == ["yinuo", "yinuo-web@*", "yinuo-work@*"]


def test_every_file_the_page_names_exists() -> None:
    page = (HOME / "docs/deploy.md").read_text(encoding="utf-8")
    for name in re.findall(r"`(?:docs/)?(deploy/[\w@.-]+[\w])`", page):
        assert (HOME / "docs" / name).exists(), name
    for name in re.findall(r"`(alerts\.yml|connect-\w+\.md)`", page):
        assert (HOME / "docs" / name).exists(), name


def test_the_job_the_alerts_ask_for_is_the_one_the_page_names() -> None:
    jobs = set(re.findall(r'job="(\w+)"', (HOME / "docs/alerts.yml").read_text()))
    page = re.sub(r"\s+", " ", (HOME / "docs/deploy.md").read_text(encoding="utf-8"))
    assert jobs == set(re.findall(r"Name the job that scrapes them `(\w+)`", page))


def test_every_alert_speaks_of_a_metric_that_exists() -> None:
    told = Figures(outcomes={"kept": 1})
    known = {metric.name for metric in _Told(told).collect()}
    groups = yaml.safe_load((HOME / "docs/alerts.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) >= 8
    for rule in rules:
        named = set(re.findall(r"yinuo_\w+", rule["expr"]))
        assert named <= known, rule["alert"]
        assert "rate(" not in rule["expr"], "every figure is a gauge"
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("page", "ticket", "info")
