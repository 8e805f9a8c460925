"""Tables for notebooks show text as it is and hold their pictures."""

from __future__ import annotations

from napari_geolabel.notebook_html import Swatch, html_picture, html_table, html_title

EVIL = "<img src=x onerror=alert(1)>"


def test_what_a_file_says_is_text_and_never_html():
    shown = html_table([EVIL], [[EVIL, Swatch(color='#fff"><b>', text=EVIL)]]) + html_title(EVIL, EVIL)
    assert "<img" not in shown + html_picture(b"", f'">{EVIL}')[4:]
    assert "<b>&lt;img" in html_title(EVIL), "the title's own bold stays"
    assert '"><b>' not in shown
    assert shown.count("&lt;img src=x") == 5


def test_cells_are_short_numbers_and_nothing_where_nothing_is_known():
    shown = html_table(("a", "b", "c"), [(1 / 3, None, 7)])
    assert "0.333333<" in shown
    assert "None" not in shown
    assert shown.count("<tr>") == 2
    assert html_table((), [(1,)]).count("<tr>") == 1
    assert html_table((), []) == "<table></table>"
