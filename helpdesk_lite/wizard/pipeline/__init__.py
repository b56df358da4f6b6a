"""The dialog that asks for what a stage needs."""

from . import stage_move
