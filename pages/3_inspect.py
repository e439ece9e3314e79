"""Inspect: what is inside each variant, where its error comes from, and what it answers."""

from pages.ask import question as ask_question
from pages.shared import lab

question = ask_question.question("inspect", "What is inside each variant, and where does its error come from?")
if question is not None:
    from pages.inspect import page

    page.live(question)
    lab.prepare()
