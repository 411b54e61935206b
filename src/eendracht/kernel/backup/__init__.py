"""Online backup of a node, and a restore that destroys again what was destroyed and starts a new log epoch."""

from eendracht.kernel.backup.archive import Manifest
from eendracht.kernel.backup.restoring import Restored, restore
from eendracht.kernel.backup.taking import back_up

__all__ = ["Manifest", "Restored", "back_up", "restore"]
