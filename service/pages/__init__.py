"""The pages: what they read, how they are drawn, who sees them, and their forms."""
