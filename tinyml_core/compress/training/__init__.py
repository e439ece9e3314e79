"""Ways of training on before a model is written: a stage each, or a family of them."""
