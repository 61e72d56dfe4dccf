"""This machine as the programs see it: files, the data folder, processes, the time."""
