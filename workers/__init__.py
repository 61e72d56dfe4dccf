"""The queue shell: wake-ups come in through arq, and lanes are run."""
