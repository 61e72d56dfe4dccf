"""Reads and writes the manifest."""

from provision.manifest.faults import Fault, ManifestError, Place
from provision.manifest.masking import MASK, masker
from provision.manifest.models import (
    AgentDeclaration,
    CalendarDeclaration,
    ExistingCalendar,
    ExistingFile,
    ExistingTool,
    FileDeclaration,
    Manifest,
    Reference,
    ToolDeclaration,
)
from provision.manifest.reading import read
from provision.manifest.schema import schema
from provision.manifest.snippet import snippet
from provision.manifest.writing import Existing, Written, write

__all__ = [
    "MASK",
    "AgentDeclaration",
    "CalendarDeclaration",
    "Existing",
    "ExistingCalendar",
    "ExistingFile",
    "ExistingTool",
    "Fault",
    "FileDeclaration",
    "Manifest",
    "ManifestError",
    "Place",
    "Reference",
    "ToolDeclaration",
    "Written",
    "masker",
    "read",
    "schema",
    "snippet",
    "write",
]
