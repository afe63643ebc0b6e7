"""What a plan says about itself before anything runs."""
