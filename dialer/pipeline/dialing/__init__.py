"""From a due lead to a request that left: the claim, its gates and lane, the arm, the answer."""
