"""What a nudge does: nudged dynamics, Langevin noise, the linear response."""
