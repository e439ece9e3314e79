"""The frame round every page: navigation on top, and a cure for pages that are opened before the app."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parents[1]

# A picture of our own: the browser would fetch the favicon of a Material icon from another host.
ICON = (Path(__file__).parent / "icon.svg").read_text(encoding="utf-8")
PHONE = (Path(__file__).parent / "phone.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class PageFile:
    """A page as its file states it: its docstring is a title, a colon, and what one can do there."""

    path: Path
    title: str
    help: str

    @property
    def slug(self) -> str:
        """Its name in the address: `1_compare.py` is `compare`."""
        return self.path.stem.split("_", 1)[1]


@cache
def page_files() -> tuple[PageFile, ...]:
    """All pages in the order of their file names; the files are read, not run."""
    found = []
    for path in sorted(FOLDER.glob("[0-9]*_*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
        title, _, words = docstring.splitlines()[0].partition(": ")
        found.append(PageFile(path, title, words))
    return tuple(found)


def navigation() -> Any:
    """The page that the address asks for; draws the navigation on top."""
    st.session_state.app_has_run = True
    pages = [
        st.Page(page.path, title=page.title, help=page.help, url_path=page.slug, default=index == 0)
        for index, page in enumerate(page_files())
    ]
    return st.navigation(pages, position="top")


def open_page() -> None:
    """Must be the first call of every page.

    If the very first request after a server start is a deep link, Streamlit runs the page file alone, because the
    folder is called `pages`. Declaring the navigation ends that mode, and the rerun then goes through `app.py`.
    """
    if "app_has_run" not in st.session_state:
        navigation()
        st.rerun()


def heading(question: str) -> None:
    """The name of the lab, and the question that the page answers."""
    # Only to phones: for a style the browser loads two more parts of Streamlit, a quarter of a second before the chooser.
    style = f"<style>{PHONE}</style>\n\n" if on_a_phone() else ""
    st.markdown(f"{style}:primary[**TinyML Lab**]", unsafe_allow_html=True)
    st.header(question, anchor=False)


def on_a_phone() -> bool:
    """True if the visitor's browser says that it is one of a phone, as all of them do."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")
