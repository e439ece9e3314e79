"""How a model is made smaller: what techniques there are, and the training, writing and packing that they name."""
