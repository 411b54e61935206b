"""Pages from templates: one environment per language, with the components of the kit under `kit/`.

A template sees `words` (the language), `_` and `ngettext`, `icon`, `asset` and whatever its frame adds. Everything is
escaped, and a name that is not there is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from eendracht.kit.assets import asset_path, draw_icon
from eendracht.kit.i18n import LANGUAGES, Language, words_of

_COMPONENTS: Final = PackageLoader("eendracht.kit", "components")


class Templates:
    """The templates of a frame, in every language."""

    def __init__(
        self,
        loader: BaseLoader,
        more: Callable[[Language], Mapping[str, Any]],
    ) -> None:
        """Take the templates of a frame; `more` gives what those of a language see besides the names of the kit."""
        self._environments = {language: _environment(language, loader, more(language)) for language in LANGUAGES}

    def render(self, language: Language, template: str, **values: Any) -> str:
        """Give a page in a language; raises UndefinedError for a value that is not given."""
        return self._environments[language].get_template(template).render(**values)


def _environment(language: Language, loader: BaseLoader, more: Mapping[str, Any]) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PrefixLoader({"kit": _COMPONENTS}), loader]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = words_of(language)
    # The extension escapes what is filled in, and `%` in a text without values stays as it is.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    environment.globals.update(words=words, asset=asset_path, icon=draw_icon, **more)
    return environment
