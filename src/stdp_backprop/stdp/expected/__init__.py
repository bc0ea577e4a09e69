"""Exact expectations of weight changes by spike-timing-dependent plasticity."""
