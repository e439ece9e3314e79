"""Compare: variants of a model side by side, by size, accuracy, latency and boards."""

from pages.ask import question as ask_question
from pages.shared import lab

question = ask_question.question("compare", "What does each way of shrinking a model cost, and what does it win?")
if question is not None:
    # Table and charts load pandas and Altair: after the chooser, so that it is drawn at once.
    from pages.compare import cards, page

    page.live(question)
    cards.below(question)
    lab.prepare()
