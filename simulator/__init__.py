"""An outsider with truth: speaks only what devices speak."""
