"""The adoption file: one page to print, and the facts behind it as data, written from a node's real configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson
from jinja2 import DictLoader, PackageLoader
from markupsafe import Markup

from eendracht.kernel.adoption import Facts, Flow, read_facts
from eendracht.kernel.backup.archive import refuse_existing, staging
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.instance import Instance
from eendracht.kernel.private import make_private_folder
from eendracht.kit.charts import Box, Line, draw_layers
from eendracht.kit.i18n import LANGUAGES, Language, words_of
from eendracht.kit.priorities import name_priority
from eendracht.kit.templating import Templates

PAGE: Final[Mapping[Language, str]] = {"nl": "adoptiedossier.html", "en": "adoption-file.html"}
FACTS: Final = "facts.json"


def render_adoption_file(facts: Facts, language: Language) -> str:
    """Give the page in a language: it loads nothing, and can be printed."""
    words = {language: words_of(language) for language in LANGUAGES}

    def draw(names: Mapping[str, str], title: str, about: str, how: Mapping[str, str]) -> Markup:
        return _draw_flows(facts.flows, names, title, about, how)

    templates = Templates(
        DictLoader({}),
        words,
        lambda lang: {"name_priority": lambda code: name_priority(code, words[lang]), "draw": draw},
        {"adoption": PackageLoader("eendracht.kit", "adoption")},
    )
    return templates.render(language, f"adoption/{language}.html", facts=facts)


def write_adoption_file(instance: Instance, target: Path, language: Language) -> Facts:
    """Write the page and its facts into a new folder that only its owner may enter, whole or not at all.

    Raises Conflict where the folder exists, StorageFailure.
    """
    refuse_existing(target)
    facts = read_facts(instance)
    page = render_adoption_file(facts, language)
    with staging(target, "adoption") as stage:
        folder = stage / "file"
        make_private_folder(folder)
        try:
            (folder / PAGE[language]).write_text(page, "utf-8")
            (folder / FACTS).write_bytes(orjson.dumps(facts.as_dict(), option=orjson.OPT_INDENT_2))
            folder.rename(target)
        except OSError as error:
            raise StorageFailure(f"{target}: {error.strerror}; nothing was written") from error
    return facts


def _draw_flows(
    flows: tuple[Flow, ...], names: Mapping[str, str], title: str, about: str, how: Mapping[str, str]
) -> Markup:
    ends = dict.fromkeys(end for flow in flows for end in (flow.source, flow.target))
    protected = {end: flow.protection for flow in flows for end in (flow.source, flow.target)}
    boxes = [Box(end, names[end], "" if end == "node" else how[protected[end]], is_here=end == "node") for end in ends]
    lines = dict.fromkeys((flow.source, flow.target) for flow in flows)
    return draw_layers("flows", title, about, boxes, [Line(*line) for line in lines])
