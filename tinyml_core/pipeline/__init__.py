"""From a question to what workers are asked, and from their answers to a comparison."""
