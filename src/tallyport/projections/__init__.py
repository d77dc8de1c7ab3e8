"""What shows (视图): read models folded from entries, in SQL; delete them and they come back."""
