"""The models and data sets that come with the lab, and what they need from elsewhere."""
