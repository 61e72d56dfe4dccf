"""Commands: rules over all campaigns, do-not-call lists, stops."""
