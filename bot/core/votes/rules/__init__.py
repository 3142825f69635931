"""The rules by which bodies decide, each with its dates and its source."""
