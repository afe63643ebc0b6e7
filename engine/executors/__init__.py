"""Where agents run: one file per executor, with a contract they share."""
