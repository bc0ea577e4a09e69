"""Rate rules against gradients of the loss."""
