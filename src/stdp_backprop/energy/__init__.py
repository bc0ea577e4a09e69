"""The model: activation functions, the energy of a layered network, asymmetric feedback."""
