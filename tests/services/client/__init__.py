"""Plays the same scenarios against every service, over raw connections."""
