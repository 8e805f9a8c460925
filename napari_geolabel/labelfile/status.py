"""How safe the work is at this moment, as the status bar shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saved:
    """Every finished edit is on disk."""

    def __str__(self) -> str:
        return "saved"


@dataclass(frozen=True, slots=True)
class Pending:
    """Some edits are on their way to the disk."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} pending"


@dataclass(frozen=True, slots=True)
class Failed:
    """Edits could not be written; all of them are kept in memory."""

    reason: str
    """One sentence: what is wrong and the way out."""
    count: int = 0
    """How many changes wait."""

    def __str__(self) -> str:
        return f"NOT SAVED: {self.reason}"


Status = Saved | Pending | Failed
