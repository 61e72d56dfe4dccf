"""The demo: a campaign on real-looking leads, shown live, and its books."""
