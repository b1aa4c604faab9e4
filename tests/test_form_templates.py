"""Every form of the program is drawn by these templates: label, hint and error belong to their field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.template import engines


class Everything(forms.Form):
    """One field of each kind."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        help_text="as in the <passport>",
        widget=forms.TextInput({"class": "govuk-input--width-20", "autocomplete": "name"}),
    )
    note = forms.CharField(required=False, widget=forms.Textarea({"rows": 3}))
    born = forms.DateField(widget=forms.DateInput({"type": "date"}))
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, help_text="one")
    many = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple)
    one = forms.ChoiceField(choices=[("", "—"), ("x", "X")])
    sure = forms.BooleanField(label="I am sure")
    file = forms.FileField()

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("The whole does not fit.")


@pytest.fixture
def html() -> str:
    return str(Everything({"name": ""}))


def test_each_field_is_described_by_its_hint_and_its_error(html: str) -> None:
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert all(f'id="{one}"' in html for one in described.split())
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-describedby="id_kind_helptext id_kind_error"' in html
    assert html.count("govuk-error-message") == 8


def test_each_control_carries_one_class_attribute_and_what_the_form_asked_for(html: str) -> None:
    for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", html):
        assert tag.count(" class=") == ('type="hidden"' not in tag), tag
    name = re.search(r'<input[^>]*name="name"[^>]*>', html)
    assert name
    assert 'class="govuk-input govuk-input--error govuk-input--width-20"' in name[0]
    assert 'autocomplete="name"' in name[0]


def test_each_control_has_its_label(html: str) -> None:
    ids = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]* id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 10
    assert all(f'for="{one}"' in html for one in ids)


def test_optional_fields_are_marked_unless_the_form_is_a_filter() -> None:
    assert str(Everything()).count("app-muted") == 1

    class Filter(Everything):
        mark_optional = False

    assert "app-muted" not in str(Filter())


def test_hints_and_labels_are_escaped(html: str) -> None:
    assert "as in the &lt;passport&gt;" in html


def test_the_summary_leads_to_the_first_control_of_each_field_with_an_error() -> None:
    template = engines["django"].from_string('{% include "components/error_summary.html" %}{{ form }}')
    html = template.render({"form": Everything({"name": ""})})
    targets = re.findall(r'<a href="#([^"]+)"', html)
    assert targets == ["id_name", "id_born", "id_kind_0", "id_many_0", "id_one", "id_sure", "id_file"]
    assert all(f'id="{target}"' in html for target in targets)
    assert "The whole does not fit." in html[: html.index("</ul>")]


def test_a_form_without_errors_has_no_summary() -> None:
    template = engines["django"].from_string('{% include "components/error_summary.html" %}')
    assert template.render({"form": Everything()}).strip() == ""
