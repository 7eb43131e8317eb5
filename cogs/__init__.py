"""What people see: one file a command family."""
