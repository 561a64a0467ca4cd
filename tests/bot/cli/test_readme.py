"""The README's commands, typed as a newcomer types them."""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

HOME = Path(__file__).parents[3]


def test_the_same_workbook_twice_changes_nothing_and_undo_takes_it_back(office: Any) -> None:
    again = office.types("import", "d/yinuo-sample.xlsx", "--community", "锦绣花园")
    assert again.code == 0
    assert "nothing changed" in again.out
    assert office.types("undo").code == 0
    assert office.types("why", "2-1-601").code == 1


def test_the_plan_of_a_day_says_who_why_not_and_what_to_do(office: Any) -> None:
    said = office.types("plan", "--on", "2026-11-25").out
    assert "not released: nothing leaves before `yinuo release`" in said
    assert "NEEDS_APPROVAL" in said
    assert "yinuo scripts approved --all" in said
    assert "2026-11-25 09:30" in said, "times are the community's own"


def test_in_the_sandbox_every_wording_is_approved_by_one_command(office: Any) -> None:
    before = office.types("plan", "--on", "2026-11-25", "--json").json
    assert "templates approved" in office.types("scripts", "approved", "--all").out
    after = office.types("plan", "--on", "2026-11-25", "--json").json
    assert before["skip"]["NEEDS_APPROVAL"] > 0
    assert "NEEDS_APPROVAL" not in after["skip"]
    assert len(after["send"]) > len(before["send"])


def test_on_real_providers_nobody_approves_for_them(office: Any) -> None:
    said = office.types("scripts", "approved")
    assert said.code == 2
    assert "PATH ID" in said.err


def test_a_flat_is_told_its_next_step_and_a_payment_stops_it(office: Any) -> None:
    told = office.types("why", "2-1-601", "--on", "2026-11-25", "--json").json
    assert told["decision"] in ("send", "wait", "skip")
    assert office.types("pay", "2-1-601", "100000", "--ref", "R1").code == 0
    assert "PAID" in office.types("why", "2-1-601", "--on", "2026-11-25").out


def test_a_flat_nobody_knows_is_named_with_the_next_step(office: Any) -> None:
    said = office.types("why", "9-9-999")
    assert said.code == 1
    assert "9-9-999" in said.err


def test_the_first_list_is_released_after_a_yes(office: Any) -> None:
    refused = office.types("release", told="n\n")
    assert refused.code == 1
    assert "nothing was released" in refused.err
    assert "released" in office.types("release", "--yes").out
    assert "not released" not in office.types("plan").out


def test_a_brake_is_pulled_and_let_go(office: Any) -> None:
    assert office.types("pause", "锦绣花园", "--until", "2099-01-01", "--why", "audit").code == 0
    assert office.types("resume", "锦绣花园").code == 0


def test_no_brake_is_pulled_where_nobody_is(new_office: Any) -> None:
    """A shell without the service's settings opens a database of its own."""
    said = new_office.types("pause", "all", "--until", "2099-01-01", "--why", "restored")
    assert said.code == 1
    assert "no community is in this database (sqlite" in said.err
    assert "nothing was paused" in said.err


def test_check_lists_what_is_still_to_be_done(office: Any) -> None:
    said = office.types("check")
    assert said.code == 0
    for step in ("yinuo release", "yinuo group add", "yinuo admin create", "yinuo scripts approved --all"):
        assert step in said.out
    told = office.types("check", "--json").json
    assert told["problems"] == []
    assert len(told["todo"]) == 4


def test_the_example_of_settings_copied_as_it_is_starts(new_office: Any) -> None:
    shutil.copy(HOME / ".env.example", new_office.folder / ".env")
    said = new_office.types("check")
    assert said.code == 1
    assert "no community yet: yinuo import WORKBOOK" in said.out


def test_without_its_sandbox_the_service_says_what_to_start(office: Any) -> None:
    for command in (("serve", "--with-worker"), ("work",)):
        said = office.types(*command)
        assert said.code == 1
        assert "start `yinuo sandbox` in another terminal first" in said.err


def test_a_sentence_is_read_as_the_readme_says(new_office: Any) -> None:
    told = new_office.types("understand", "下周五交", "--at", "2026-11-25T10:00+08:00", "--json").json
    assert (told["intent"], told["date"]) == ("promise", "2026-12-04")


@pytest.mark.parametrize(
    "words",
    [("audit",), ("verify",), ("why", "2-1-601"), ("plan",), ("check",), ("report", "daily"), ("report", "ageing"),
     ("report", "promises"), ("scripts", "list"), ("scripts", "check"), ("understand", "我还欠多少")],
)  # fmt: skip
def test_json_prints_one_object_and_nothing_else(office: Any, words: tuple[str, ...]) -> None:
    said = office.types(*words, "--json")
    assert said.code == 0, said.err
    assert isinstance(said.json, dict)


def test_the_figures_say_what_is_open(office: Any) -> None:
    told = office.types("report", "ageing", "--json").json
    assert told["open_fen"] == sum(band["fen"] for band in told["bands"]) > 0
    assert "open principal" in office.types("report", "ageing").out


def test_wrong_usage_is_code_2_and_names_the_way(new_office: Any) -> None:
    assert new_office.types("plan", "--on", "someday").code == 2
    assert new_office.types("no-such-command").code == 2


def test_an_admin_is_made_and_can_be_told_apart(office: Any) -> None:
    assert office.types("admin", "create", "王主管", told="a-good-password-1\na-good-password-1\n").code == 0
    assert "yinuo admin create" not in office.types("check").out


def test_why_tells_the_brake_and_the_release_whatever_the_step(office: Any) -> None:
    assert "NOT_RELEASED" in office.types("why", "2-1-601").out
    assert office.types("pause", "锦绣花园", "--until", "2099-01-01", "--why", "audit").code == 0
    assert "PAUSED" in office.types("why", "2-1-601").out


def shape(office: Any) -> str:
    with contextlib.closing(sqlite3.connect(office.folder / "var/yinuo.db")) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_check_leaves_a_live_database_of_an_earlier_version_as_it_is(office: Any) -> None:
    """What an upgrade looks at first is still in use by the old processes."""
    with contextlib.closing(sqlite3.connect(office.folder / "var/yinuo.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0005'")
    said = office.types("check")
    assert said.code == 1
    assert "the shape of an earlier version (0005)" in said.out
    assert "yinuo backup" in said.out
    assert shape(office) == "0005"
