"""Stationary points s = R(s): the paper's dynamics, and faster solvers that reach the same point."""
