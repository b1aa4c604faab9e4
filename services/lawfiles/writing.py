"""Writing an edition's file: always in one form, so that what was exported and what was loaded are equal byte for byte."""

from __future__ import annotations

from typing import Any

import yaml

from services.lawfiles.form import ordered

_WIDTH = 120
_LONG = 90


class _Dumper(yaml.SafeDumper):
    """Long text folded, short lists on one line, lists set in."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = ">" if len(value) > _LONG or "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.SequenceNode:
    short = all(not isinstance(row, dict | list) and len(str(row)) < _LONG // 3 for row in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=short)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def dump(definition: dict[str, Any]) -> str:
    """The file of a definition."""
    return yaml.dump(
        ordered(definition), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH, default_flow_style=False
    )
