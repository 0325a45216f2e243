"""Plays the cases of the corpus to the test function of each language, as Lambda would."""
