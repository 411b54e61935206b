"""The registry of kinds: for each kind its versions, the model of the newest, and the relations that its spec holds."""

from eendracht.kernel.kinds.registry import Kind, Registry, RelationPath, shared_kinds

__all__ = ["Kind", "Registry", "RelationPath", "shared_kinds"]
