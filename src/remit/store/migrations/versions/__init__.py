"""One file per revision; each carries out the text of the same name in `sql/`."""
