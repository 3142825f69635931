"""What hostile tests may try, tried: each attempt in a sandbox of its own, beside a victim."""
