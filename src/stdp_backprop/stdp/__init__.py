"""Spikes: windows, Poisson trains, pairings, and the weight changes that they cause."""
