"""The files of papers: rendered once, from their own data alone, archival, accessible, and with nothing fetched."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.template import engines

from applications import notices
from applications.models import Case, Paper, PaperBytes
from applications.workflow import State
from offices.pdf import _engine as engine
from services.models import Decree
from tests.applications.paper_data import (
    LONG_FACTS,
    MONDAY,
    decided,
    decision_paper,
    long_name,
    missing_list,
    nothing_in_order,
    opened,
    page,
    said,
    talon_of,
    text_of,
)
from tests.factories import (
    edition,
    make_case,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------ made once, from itself alone


@pytest.fixture
def renderings(monkeypatch: Any) -> list[str]:
    """Notes every rendering that takes place."""
    seen: list[str] = []
    real = notices.html_to_pdf

    def noting(html: str, *, variant: str) -> bytes:
        seen.append(variant)
        return real(html, variant=variant)

    monkeypatch.setattr(notices, "html_to_pdf", noting)
    return seen


def test_a_paper_is_rendered_after_the_commit_and_never_again(
    renderings: list[str], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        paper = talon_of(make_team(), "E8")
        assert not PaperBytes.objects.filter(paper=paper).exists()
    pdf = notices.pdf_of(paper)
    assert notices.render(paper) == notices.pdf_of(paper) == pdf
    assert renderings == ["pdf/ua-1"]
    paper.refresh_from_db()
    assert paper.sha256 == hashlib.sha256(pdf).hexdigest()


def test_of_two_renderings_at_the_same_time_the_first_is_kept(monkeypatch: Any) -> None:
    paper = talon_of(make_team(), "E8")

    def slower(html: str, *, variant: str) -> bytes:
        PaperBytes.objects.create(paper=paper, pdf=b"first")
        return b"second"

    monkeypatch.setattr(notices, "html_to_pdf", slower)
    assert notices.render(paper) == b"first"
    assert bytes(PaperBytes.objects.get(paper=paper).pdf) == b"first"


def test_a_paper_that_cannot_be_rendered_does_not_undo_the_act(
    monkeypatch: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    def broken(html: str, *, variant: str) -> bytes:
        raise RuntimeError("no fonts")

    with monkeypatch.context() as patch:
        patch.setattr(notices, "html_to_pdf", broken)
        with django_capture_on_commit_callbacks(execute=True):
            paper = talon_of(make_team(), "E8")
    assert Case.objects.get(papers=paper).state == State.REGISTERED
    assert notices.pdf_of(paper).startswith(b"%PDF")


def test_a_paper_says_what_was_true_when_it_was_made() -> None:
    team = make_team()
    paper = decision_paper(decided(team, "E8"))
    before = notices.as_html(paper)
    Decree.objects.update(body_kk="Басқа орган")
    team.office.name_kk = "Басқа бөлім"
    team.office.save()
    person = paper.case.person  # type: ignore[union-attr]
    person.last_name = "Басқа"
    person.save()
    assert notices.as_html(Paper.objects.get(pk=paper.pk)) == before


def test_an_edition_may_bring_a_template_of_its_own(tmp_path: Path, settings: Any) -> None:
    paper = talon_of(make_team(), "E8")
    own = tmp_path / "notices" / paper.data["edition"]
    own.mkdir(parents=True)
    (own / "talon.html").write_text("only {{ paper_number }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    engines.__dict__.pop("templates", None)
    assert notices.as_html(paper) == f"only {paper.data['number']}"


def test_a_notice_is_made_from_a_signed_decision_only() -> None:
    case = make_case(make_team(), "E8", state=State.PREPARED)
    with pytest.raises(ValueError, match="signed"):
        notices.make("grant", case, by=make_user(), at=MONDAY, decision=case.decisions.get())


# ------------------------------------------------------------------ a page from outside, a page for everybody


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine and the paths that somebody asked it for."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Noting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()
    engine.cache_clear()  # the strange sheets and fonts asked for here


def test_nothing_is_fetched_while_rendering(tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    there, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("very secret")
    pdf = notices.html_to_pdf(
        f"""<!doctype html><html lang="kk"><head><title>x</title>
        <link rel="stylesheet" href="{there}/sheet.css"><link rel="attachment" href="{secret.as_uri()}">
        <style>@import url({there}/import.css);
          @font-face {{ font-family: Far; src: url({there}/font.woff2); }}
          body {{ font-family: Far; background: url({there}/ground.png); list-style: url({there}/dot.png); }}
          p::before {{ content: url({there}/content.png); }}</style>
        <style>@import url({there}/second.css); body {{ background: url({secret.as_uri()}); }}</style></head>
        <body><p>Қағаз<img src="{there}/image.png" alt="a"><img src="{secret.as_uri()}" alt="b">
        <object data="{there}/object.svg"></object><embed src="{there}/embed.svg">
        <a rel="attachment" href="{secret.as_uri()}">c</a>
        <svg xmlns="http://www.w3.org/2000/svg"><title>d</title><image href="{there}/svg.png"/>
          <use href="{there}/use.svg#a"/></svg></p></body></html>""",
        variant="pdf/ua-1",
    )
    assert asked == []
    assert "Қағаз" in text_of(pdf)[0]
    with opened(pdf) as document:
        assert not document.attachments
        streams = [item.read_bytes() for item in document.objects if isinstance(item, pikepdf.Stream)]
    assert streams
    assert not any(b"very secret" in stream for stream in streams)


@pytest.mark.parametrize("refused", [False, True])
def test_a_name_that_looks_like_markup_is_printed_letter_by_letter(refused: bool) -> None:
    person = long_name(last_name="<img src=x>", first_name="{{ code }}")
    case = decided(make_team(), "E8", refused=refused, person=person, facts="<script>1</script>")
    pdf = notices.pdf_of(decision_paper(case))
    assert "<img src=x> {{ code }}" in text_of(pdf)[0]
    assert not page(decision_paper(case)).xpath("//img | //script")
    if refused:
        assert "<script>1</script>" in " ".join(text_of(pdf))


def fonts_of(document: Any) -> dict[str, bool]:
    """The fonts of a PDF by name, and whether each is embedded."""
    found = {}
    for sheet in document.pages:
        for font in sheet.Resources.Font.values():
            inner = font.DescendantFonts[0]
            found[str(inner.BaseFont)] = any(f"/FontFile{n}" in inner.FontDescriptor for n in ("", "2", "3"))
    return found


@pytest.mark.parametrize("refused", [False, True], ids=["notice", "refusal"])
def test_a_kept_notice_is_an_archival_tagged_pdf_with_its_fonts(refused: bool) -> None:
    case = decided(make_team(), "E8", refused=refused)
    with opened(notices.pdf_of(decision_paper(case))) as document:
        meta = document.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert case.decisions.get().number in meta["dc:title"]
        assert document.Root.Lang == "kk"
        assert document.Root.MarkInfo.Marked
        assert document.Root.OutputIntents
        fonts = fonts_of(document)
    assert fonts
    assert all(fonts.values())
    assert all("Noto-Sans" in name for name in fonts)


def test_a_talon_is_accessible_and_its_codes_have_words() -> None:
    paper = talon_of(make_team(), "E8")
    with opened(notices.pdf_of(paper)) as document:
        assert document.open_metadata()["pdfuaid:part"] == "1"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert paper.data["number"] in str(document.docinfo["/Title"])
        figures = [
            item for item in document.objects if "StructElem" in str(getattr(item, "Type", "")) and item.S == "/Figure"
        ]
        assert {str(figure.Alt) for figure in figures} == {
            said(paper, "Bar code of the number"),
            said(paper, "Address of the status page"),
        }
        assert all(fonts_of(document).values())
        assert [round(float(side)) for side in document.pages[0].MediaBox[2:]] == [420, 595]  # A5


def test_every_kazakh_letter_can_be_read_out_of_the_pdf() -> None:
    case = decided(make_team(), "E8", refused=True, facts="Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі")
    text = " ".join(text_of(notices.pdf_of(decision_paper(case))))
    assert "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі" in text
    assert case.person.full_name in text


def test_a_long_refusal_runs_over_pages_and_each_bears_its_number() -> None:
    case = decided(make_team(), "E12", refused=True, facts=LONG_FACTS)
    sheets = text_of(notices.pdf_of(decision_paper(case)))
    assert len(sheets) > 1
    for place, sheet in enumerate(sheets, start=1):
        assert f"{case.decisions.get().number} · {place} / {len(sheets)}" in sheet


def test_a_signature_never_stands_alone_on_a_page() -> None:
    team = make_team()
    paper = decision_paper(decided(team, "E12", refused=True))
    warning = "A complaint must not be turned against you. Whoever made the decision may not consider the complaint."
    last_word = said(paper, warning).split()[-1]
    for lines in range(1, 45, 5):
        paper.data["facts"] = "\n".join(["мән-жай"] * lines)
        last = text_of(notices.html_to_pdf(notices.as_html(paper), variant="pdf/ua-1"))[-1]
        assert last_word in last.partition(team.head.user.get_full_name())[0], lines


def test_a_long_list_repeats_its_head_on_every_page() -> None:
    paper = missing_list(make_team("akmola:kokshetau"), "E13", nothing_in_order(edition("E13")))
    sheets = text_of(notices.pdf_of(paper))
    assert len(sheets) == 2
    assert all(said(paper, "What is wrong") in sheet for sheet in sheets)


def test_several_threads_render_at_once() -> None:
    html = '<!doctype html><html lang="kk"><head><title>x</title></head><body><h1>Қағаз</h1></body></html>'
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: notices.html_to_pdf(html, variant="pdf/ua-1"), range(12)))
    assert {text_of(pdf)[0].split()[0] for pdf in made} == {"Қағаз"}
