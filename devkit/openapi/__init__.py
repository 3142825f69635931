"""GitHub's description of its REST API, cut down to what is served here, and the cutter."""
