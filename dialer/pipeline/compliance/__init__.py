"""What keeps phones from ringing: the rulebook, do-not-call lists, stops above the campaign."""
