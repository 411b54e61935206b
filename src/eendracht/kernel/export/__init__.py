"""A whole node in a documented format that needs no Eendracht to read, and a node made from it again."""

from eendracht.kernel.export.loading import Loaded, load_export
from eendracht.kernel.export.writing import write_export, write_persons

__all__ = ["Loaded", "load_export", "write_export", "write_persons"]
