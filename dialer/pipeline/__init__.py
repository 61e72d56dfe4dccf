"""The stages, a room each, in the order of a lead: intake, dialing, settling, reconciling.

Beside them stand what people do: planning, compliance, reports, access; and `upstream`, by
which stages reach the calling platform.
"""
