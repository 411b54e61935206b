"""Pages from templates: one environment per language, with the components of the kit under `kit/`.

A template sees `words` (the language), `_` and `ngettext`, `icon`, `asset` and whatever its frame adds. Everything is
escaped, and a name that is not there is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.bccache import Bucket

from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.private import make_private_folder
from eendracht.kit.assets import asset_path, draw_icon
from eendracht.kit.i18n import Language, Words

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_COMPONENTS: Final = PackageLoader("eendracht.kit", "components")


class Templates:
    """The templates of a frame, in every language."""

    def __init__(
        self,
        loader: BaseLoader,
        words: Mapping[Language, Words],
        more: Callable[[Language], Mapping[str, Any]],
        parts: Mapping[str, BaseLoader] | None = None,
        cache: Path | None = None,
    ) -> None:
        """Take the templates of a frame; `more` gives what those of a language see besides the names of the kit.

        `parts` are other folders of templates, each under its prefix: those of a wing under the name of the wing.
        What was compiled is kept in the folder `cache`, for its owner only, where one is given.
        """
        parts = {"kit": _COMPONENTS, **(parts or {})}
        loader = ChoiceLoader([PrefixLoader(parts), loader])
        compiled = _Compiled(cache) if cache else None
        self._environments = {
            language: _environment(words[language], loader, more(language), compiled) for language in words
        }

    def render(self, language: Language, template: str, **values: Any) -> str:
        """Give a page in a language; raises UndefinedError for a value that is not given."""
        return self._environments[language].get_template(template).render(**values)


class _Compiled(FileSystemBytecodeCache):
    """Compiled templates, for every language and the next start: compiling the largest takes a quarter of a second.

    A template that changed is compiled again. A disk that takes no more costs time only.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), "%s.compiled")

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError, StorageFailure):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError, StorageFailure):
            make_private_folder(Path(self.directory))
            super().dump_bytecode(bucket)


def _environment(
    words: Words, loader: BaseLoader, more: Mapping[str, Any], compiled: BytecodeCache | None
) -> Environment:
    environment = Environment(
        loader=loader,
        bytecode_cache=compiled,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension escapes what is filled in, and `%` in a text without values stays as it is.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    environment.globals.update(words=words, asset=asset_path, icon=draw_icon, is_day=is_day, **more)
    return environment


def is_day(text: str) -> bool:
    """Tell whether a control for days can show a text; what was typed wrongly needs a control for text."""
    return not text or _DAY.fullmatch(text) is not None
