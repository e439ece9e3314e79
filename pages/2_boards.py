"""Boards: which variant fits which board, with every part of the sum and its source."""

from pages.ask import question as ask_question
from pages.shared import lab

question = ask_question.question("boards", "Which variant fits which board?")
if question is not None:
    from pages.boards import page

    page.live(question)
    lab.prepare()
