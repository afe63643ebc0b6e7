"""Pure drawings: a frame and a size in, lines of styled bits out."""
