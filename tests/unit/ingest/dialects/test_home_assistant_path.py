"""ingest.dialects.home_assistant_path: what a template may say, and that nothing else is ever run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dialects.home_assistant_path import MAX_TEMPLATE, MISSING, evaluate, number, read, rendered

BODY = {
    "state": "ON",
    "a": {"b c": [{"d": 21.456}]},
    "leak": True,
    "nothing": None,
    "count": 3,
    "text": " 7.5 ",
    "word": "unavailable",
    "list": [1, 2],
}


def found(template: str, body: object = BODY, text: str = "") -> object:
    path = read(template)
    assert path is not None, template
    return evaluate(path, text, body)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ value_json.state }}", "ON"),
        ("{{value_json['state']}}", "ON"),
        ("{{- value_json.state -}}", "ON"),
        ("  {{ value_json['a']['b c'][0].d }}\n", 21.456),
        ('{{ value_json.a["b c"][0]["d"] | round(1) }}', 21.5),
        ("{{ value_json.text | float }}", 7.5),
        ("{{ value_json.text | float | int }}", 7),
        ("{{ value_json.text | float(0) | round }}", 8.0),
        ("{{ value_json.leak | lower }}", "true"),
        ("{{ value_json.leak | string | upper }}", "TRUE"),
        ("{{ value_json.leak | int }}", 1),
        ("{{ value_json.state | trim | lower }}", "on"),
        ("{{ value_json.state | is_defined }}", "ON"),
        ("{{ value_json.list[1] }}", 2),
    ],
)
def test_path_leads_to_a_value(template: str, value: object) -> None:
    assert found(template) == value


def test_bare_value_is_the_whole_text() -> None:
    assert found("{{ value }}", text="21.5") == "21.5"
    assert found("{{ value | float | round(0) }}", text="21.4") == 21.0
    assert found("{{ value_json }}", body=5) == 5


@pytest.mark.parametrize(
    "template",
    [
        "{{ value_json.missing }}",
        "{{ value_json.state.deeper }}",
        "{{ value_json.list[2] }}",
        "{{ value_json.list.count }}",
        "{{ value_json['a'][0] }}",
        "{{ value_json.missing | float(0) }}",
        "{{ value_json.missing | default('OFF') }}",
        "{{ value_json.missing | d(false, true) }}",
        "{{ value_json.missing | default(none) }}",
        "{{ 'ON' if value_json.missing == 'x' else 'OFF' }}",
    ],
)
def test_what_is_not_in_the_message_is_missing_and_no_default_takes_its_place(template: str) -> None:
    assert found(template) is MISSING
    assert found(template, body="no object") is MISSING


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ 'ON' if value_json.state == 'ON' else 'OFF' }}", "ON"),
        ("{{ 'ON' if value_json.state != 'ON' else 'OFF' }}", "OFF"),
        ("{{ 'ON' if value_json.state | lower == 'on' else 'OFF' }}", "ON"),
        ("{{ 'ON' if value_json.leak else 'OFF' }}", "ON"),
        ("{{ iif(value_json.leak, 'ON', 'OFF') }}", "ON"),
        ("{{ iif(value_json.count >= 3, 1, 0) }}", 1),
        ("{{ true if value_json.count < 3 else false }}", False),
        ("{{ value_json.state == 'ON' }}", True),
        ("{{ value_json.count > 2.5 }}", True),
        ("{{ value_json.count <= -1 }}", False),
        ("{{ value_json.text | float > 7 }}", True),
    ],
)
def test_one_comparison_and_one_choice_are_taken(template: str, value: object) -> None:
    assert found(template) is value or found(template) == value


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'ON' if value_json.nothing == 'x' else 'OFF' }}",
        "{{ 'ON' if value_json.word == 'x' else 'OFF' }}",
        "{{ 'ON' if value_json.a == 'x' else 'OFF' }}",
        "{{ 'ON' if value_json.state else 'OFF' }}",
        "{{ 'ON' if value_json.count else 'OFF' }}",
        "{{ value_json.text > 3 }}",
        "{{ value_json.leak > 0 }}",
        "{{ value_json.state | float > 0 }}",
        "{{ value_json.state | float(0) }}",
        "{{ value_json.state | int }}",
        "{{ value_json.state | float | round(1) }}",
        "{{ value_json.state | float | lower }}",
        "{{ value_json.state | float | upper }}",
        "{{ value_json.nothing | lower }}",
    ],
)
def test_unknown_stays_unknown_through_filters_and_comparisons(template: str) -> None:
    assert found(template) is None


@pytest.mark.parametrize(
    "template",
    [
        "",
        "ON",
        "{{ }}",
        "{{ value_json. }}",
        "{{ value_json.a.0 }}",
        "{{ value_json[-1] }}",
        "{{ value_json[1.5] }}",
        "{{ value_json[true] }}",
        "{{ value_json['a' }}",
        "{{ value_json['a\\'b'] }}",
        "{{ value_json.items() }}",
        "{{ value_json.state }}{{ value }}",
        "{{ value_json.state }} V",
        "{% if value_json.state == 'x' %}ON{% else %}OFF{% endif %}",
        "{{ value_json.state * 2 }}",
        "{{ value_json.a and value_json.b }}",
        "{{ (value_json.a) }}",
        "{{ 'ON' }}",
        "{{ 'ON' if 1 == 1 else 'OFF' }}",
        "{{ 'ON' if value_json.a == value else 'OFF' }}",
        "{{ 'ON' if value_json.a == 1 }}",
        "{{ iif(value_json.a) }}",
        "{{ iif(value_json.a, 'x') }}",
        "{{ states('sensor.x') }}",
        "{{ value_json.a | safe }}",
        "{{ value_json.a | 'x' }}",
        "{{ value_json.a | round(99) }}",
        "{{ value_json.a | round('x') }}",
        "{{ value_json.a | float(0 }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ value.__class__ }}",
        "{{ range(999999999) }}",
        "{{ value_json." + "a" * MAX_TEMPLATE + " }}",
    ],
)
def test_all_else_is_refused(template: str) -> None:
    assert read(template) is None


def test_attribute_of_the_language_is_only_a_key() -> None:
    assert found("{{ value_json.__class__ }}") is MISSING
    assert found("{{ value_json.__class__ }}", body={"__class__": 1}) == 1


def test_text_of_a_value_is_what_payloads_are_compared_with() -> None:
    several: tuple[object, ...] = (True, 1, 1.5, " x ", [1], {}, MISSING)
    assert [rendered(one) for one in several] == [
        "True",
        "1",
        "1.5",
        "x",
        "",
        "",
        "",
    ]


def test_number_is_finite_and_plainly_written() -> None:
    assert [number(one) for one in ("21.5", " 3 ", 4, True)] == [21.5, 3.0, 4, 1.0]
    odd: tuple[object, ...] = ("", "nan", "inf", "1e999", "1_0", "x", "1" * 65, None, [], {})
    assert [number(one) for one in odd] == [None] * len(odd)


@given(
    st.text(alphabet="{} value_json.[]'\"|()=!<>0123456789,if else%-\\\n", max_size=300), st.text(max_size=20)
)
def test_no_text_raises(template: str, text: str) -> None:
    for one in (template, f"{{{{ {template} }}}}", f"{{{{ value_json{template} }}}}"):
        path = read(one)
        if path is not None:
            evaluate(path, text, BODY)
