"""`week`, `month`, `export` and the words for status bars."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.unit.cli.desk import FakeServices, entry, run

HOSTILE = "</text><script>alert(1)</script>\x1b[2J"
DAY = [
    entry("Standup", "2026-11-23T09:00", "2026-11-23T09:15"),
    entry("Design review", "2026-11-23T10:00", "2026-11-23T11:00"),
    entry("Declined", "2026-11-23T09:50", "2026-11-23T10:30", response="declined"),
    entry("Offsite", "2026-11-24", "2026-11-27"),
]


def test_a_week_is_printed_to_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As text where nobody sees colours."""
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("LINES", "40")
    answer = run("week", services=FakeServices(entries=DAY), home=tmp_path)
    lines = answer.out.splitlines()
    assert (0, 37) == (answer.code, len(lines))
    assert "23–29 November 2026" in lines[0]
    assert "Design" in answer.out
    assert "\x1b" not in answer.out
    nine = next(number for number, line in enumerate(lines) if "09:00│" in line)
    ten = next(number for number, line in enumerate(lines) if "10:00│" in line)
    assert (True, 2) == ("Standup" in lines[nine], ten - nine)


def test_a_week_has_colours_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As many as it says that it has, and none with NO_COLOR."""
    fake = FakeServices(entries=DAY)
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert "38;2;" in run("week", services=fake, home=tmp_path, terminal=True).out
    monkeypatch.delenv("COLORTERM")
    out = run("week", services=fake, home=tmp_path, terminal=True).out
    assert ("38;5;" in out, "38;2;" in out) == (True, False)
    assert "\x1b" not in run("week", services=fake, home=tmp_path, terminal=True, environ={"NO_COLOR": "1"}).out


def test_a_month_is_that_of_the_day_asked_for(tmp_path: Path):
    """In words, as for agenda."""
    assert "November 2026" in run("month", home=tmp_path).out
    assert "December 2026" in run("month", "24", "dec", home=tmp_path).out
    assert 2 == run("month", "blah", home=tmp_path).code


def test_the_json_of_a_week_is_that_of_an_agenda(tmp_path: Path):
    """Of its seven days."""
    document = json.loads(run("week", "--json", services=FakeServices(entries=DAY), home=tmp_path).out)
    assert ("2026-11-23", "2026-11-30", 4) == (document["from"], document["to"], len(document["events"]))


@pytest.mark.parametrize("what", ["week", "month"])
def test_a_picture_is_sound_whatever_a_title_says(tmp_path: Path, what: str):
    """Foreign text is text."""
    fake = FakeServices(entries=[entry(HOSTILE, "2026-11-23T10:00", "2026-11-23T13:00", event_id="x")])
    answer = run("export", what, "--size", "140x45", services=fake, home=tmp_path)
    root = ElementTree.fromstring(answer.out)
    assert not [one for one in root.iter() if one.tag.endswith("script")]
    assert "</te" in "".join(root.itertext())
    assert "\x1b" not in answer.out


def test_a_picture_can_go_to_a_file(tmp_path: Path):
    """In one step; a folder that isn't there is told."""
    target = tmp_path / "week.svg"
    answer = run("export", "week", "-o", str(target), "--light", home=tmp_path)
    assert (0, "", True) == (answer.code, answer.out, target.read_text().startswith("<svg"))
    assert [target] == [path for path in tmp_path.iterdir() if "week" in path.name]
    assert 1 == run("export", "week", "-o", str(tmp_path / "no" / "x.svg"), home=tmp_path).code


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("2026-11-23T08:00", "09:00 Standup, in 1 h"),
        ("2026-11-23T09:05", "until 09:15 Standup"),
        ("2026-11-23T09:55", "10:00 Design review, in 5 min"),
        ("2026-11-23T10:20", "until 11:00 Design review"),
        ("2026-11-23T12:00", ""),
    ],
)
def test_a_bar_says_what_is_or_what_comes(tmp_path: Path, now: str, text: str):
    """Declined ones and whole days aside; what is about to begin goes first."""
    answer = run("next", "--bar", "plain", services=FakeServices(entries=DAY), home=tmp_path, now=now)
    assert f"{text}\n" == answer.out


def test_tmux_and_waybar_take_titles_as_text(tmp_path: Path):
    """`#[…]` is a style to tmux, and Pango reads markup."""
    fake = FakeServices(entries=[entry("#[bg=red] <b>A & B</b>", "2026-11-23T10:00", "2026-11-23T11:00")])
    assert "##[bg=red]" in run("next", "--bar", "tmux", services=fake, home=tmp_path).out
    document = json.loads(run("next", "--bar", "waybar", services=fake, home=tmp_path).out)
    assert "&lt;b&gt;A &amp; B" in document["text"]
    assert ("later", True) == (document["class"], "&lt;b&gt;" in document["tooltip"])
