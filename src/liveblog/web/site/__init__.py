"""The pages that people see: readers' pages from the server, their scripts and sheets, and what search engines read."""
