"""Pages that were saved as plain text: live pages, newest entry first, and explainers, question by question.

Such a text has lost the page's markup. What a line is shows in its form: a heading is short, does not end like a
sentence and has text below it; a list has its bullets; a caption names whose picture it is. No rule knows a subject.
Every line ends in the script or in its notes.
"""

from liveblog.application.importing.page_text.parsing import parse

__all__ = ["parse"]
