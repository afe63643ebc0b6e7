"""One file for each format that becomes a plan; `translating` finds them and says what each must have."""
