"""Real users' problems as small inputs: what they stand for, what is right, and a script that runs them all."""
