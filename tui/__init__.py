"""What a person sees and types: the screen and the commands."""
