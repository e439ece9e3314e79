"""Models of the zoo, one file each, trained weights beside it."""
