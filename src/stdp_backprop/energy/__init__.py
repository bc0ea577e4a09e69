"""The model: activation functions, and the energy and drives of a layered network."""
