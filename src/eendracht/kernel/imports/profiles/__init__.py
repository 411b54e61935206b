"""Named profiles: mappings for exports that organisations already have, one YAML file each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from eendracht.kernel.errors import Fault, UsageFault
from eendracht.kernel.imports.mapping import Mapping, parse_mapping


@cache
def load_profiles() -> dict[str, Mapping]:
    """Give the profiles that ship, by name."""
    found = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            mapping = parse_mapping(entry.read_bytes(), entry.name)
            found[mapping.name] = mapping
    return found


def get_profile(name: str) -> Mapping:
    """Give a profile by name, or raise UsageFault that lists the names."""
    profiles = load_profiles()
    if name not in profiles:
        names = ", ".join(profiles)
        raise UsageFault(
            f"There is no profile '{name[:60]}'",
            faults=[
                Fault(
                    "profile",
                    "unknown-profile",
                    f"Het profiel '{name[:60]}' bestaat niet",
                    f"There is no profile '{name[:60]}'",
                    f"Known profiles: {names}",
                )
            ],
            hint=f"Known profiles: {names}",
        )
    return profiles[name]
