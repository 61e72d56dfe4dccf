"""The stages in order, one file each: intake, claim, place, reconcile."""
