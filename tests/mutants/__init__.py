"""The mutation gate: every guard of the protocol, taken out in turn, is missed by some test."""
