"""The application (应用层): joins the parts; offers what API, pages and commands call."""
