"""Commands: campaigns from the draft to the comparison of variants."""
