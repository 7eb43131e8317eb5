"""What people see and touch: cards, buttons, windows, and their way to Discord."""
