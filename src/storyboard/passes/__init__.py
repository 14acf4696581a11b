"""The passes, in order: load, expand, check, lower, plan, execute, assemble."""
