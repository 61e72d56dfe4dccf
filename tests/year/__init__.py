"""A campaign through a year of campaign time, on real parts, judged by what rang."""
