"""The chooser: model, techniques, settings and boards, kept in step with the address."""

from __future__ import annotations

import streamlit as st

from pages.shared import board_filter, limits_form, link, own_board
from pages.shared.plain import plain
from tinyml_core import catalog
from tinyml_core.asking import usual_techniques
from tinyml_core.boards.board import Board
from tinyml_core.comparison import Question
from tinyml_core.fetched import state_words
from tinyml_core.values import POLICIES, Model, Settings

TURN_S = 0.7


def own_boards() -> tuple[Board, ...]:
    """The boards that this person described."""
    return tuple(st.session_state.get("own_boards", ()))


def question(page: str) -> Question | None:
    """Draw the chooser; gives the question, or None if no technique is chosen.

    Args:
        page: The page's name; a change of page keeps the question, a new address replaces it.
    """
    _follow_address(page)
    own_board.take_added()
    model = _model()
    techniques = _techniques()
    first, second, third, fourth = st.columns([2, 2, 2, 1], vertical_alignment="center")
    with first:
        settings = _settings()
    with second:
        chosen_boards = board_filter.choose(own_boards())
    with third:
        limits = limits_form.limits(chosen_boards, own_boards())
    state = st.session_state
    dataset = state.dataset if state.get("dataset") in catalog.models()[model].datasets else None
    asked = None
    if techniques:
        asked = Question(
            model=model,
            dataset=dataset or catalog.models()[model].default_dataset,
            techniques=techniques,
            boards=chosen_boards,
            settings=settings,
            limits=limits,
            runtime=state.get("runtime") or "",
            own_boards=own_boards(),
        )
        _write_address(asked)
        with fourth:
            _share(asked)
    _tell_link_notes()
    return asked


def _follow_address(page: str) -> None:
    """Take over the question of the address if somebody else wrote it: a link, a reload, or the back button."""
    state = st.session_state
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    now = {name: ",".join(values) for name, values in given.items()}
    turned = state.get("page") != page and "asked" in state and not now
    state.page = page
    state.turning = turned or (state.get("turning", False) and not now)
    if turned:
        _seed(state.asked)  # a page that is turned may lose what its widgets held
        # For a moment the address is bare. If the back button comes to it again, it stands for this question.
        state.bare = state.get("bare", {}) | {page: state.asked}
    if state.turning or now == state.get("written"):
        return
    bare = state.get("bare", {}).get(page) if not now else None
    asked, state.link_notes = (bare, []) if bare else link.read(given)
    state.written = now
    _seed(asked)


def _seed(asked: Question) -> None:
    """Let every widget show a question; before the widgets are drawn."""
    state = st.session_state
    state.model = asked.model
    state.dataset = asked.dataset
    state.after = [name for name in asked.techniques if catalog.technique(name).training == "none"]
    state.during = [name for name in asked.techniques if catalog.technique(name).training != "none"]
    state.boards = list(asked.boards)
    state.samples = asked.settings.calibration_samples
    state.epochs = asked.settings.fine_tuning_epochs
    state.seed = asked.settings.seed
    state.policy = asked.settings.policy
    state.runtime = asked.runtime
    state.own_boards = asked.own_boards
    limits_form.seed(asked.limits)


def _write_address(asked: Question) -> None:
    wanted = link.written(asked)
    now = {name: ",".join(st.query_params.get_all(name)) for name in st.query_params}
    st.session_state.written, st.session_state.asked = wanted, asked
    if wanted == now:
        st.session_state.turning = False
        return
    bare = st.session_state.get("bare", {})
    if not now and not st.session_state.turning and bare.get(st.session_state.page) == asked:
        return  # come back to by the back button: another entry of the history would be a trap
    if st.session_state.turning:
        st.fragment(_write_later, run_every=TURN_S)()
    else:
        st.query_params.from_dict(wanted)


def _write_later() -> None:
    """Write the address once the browser has turned the page; at once, its own change of address might come after ours."""
    state = st.session_state
    state.turn_polls = state.get("turn_polls", 0) + 1
    if state.turn_polls > 1:
        state.turn_polls, state.turning = 0, False
        st.query_params.from_dict(state.written)
        st.rerun()


def _forget_notes() -> None:
    st.session_state.link_notes = []


def _new_model() -> None:
    """Another model was chosen: without data no technique that trains on is of use, with data the usual ones are."""
    _forget_notes()
    state = st.session_state
    usual = [name for name in usual_techniques(state.model) if catalog.techniques()[name].training != "none"]
    had_none = not catalog.models()[state.asked.model].datasets if "asked" in state else False
    if not usual or had_none:
        state.during = usual


def _tell_link_notes() -> None:
    notes = [plain(sentence) for sentence in st.session_state.get("link_notes", [])]
    if notes:
        st.warning("\n\n".join(notes), icon=":material/link_off:")


def _model() -> str:
    zoo = catalog.models()
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        model = st.selectbox(
            "Model",
            list(zoo),
            key="model",
            format_func=lambda name: _title(zoo[name]),
            on_change=_new_model,
            persist_state="session",
        )
    member = zoo[model]
    with right:
        size = " x ".join(str(size) for size in member.input_shape)
        numbers = "one number" if member.outputs == 1 else f"{member.outputs} numbers"
        kind = f"{member.outputs} classes" if member.task == "classification" else numbers
        st.markdown(f"{member.about}  \n:gray[Input {size}, output {kind}, {member.parameters:,} parameters]")
    return str(model)


def _title(model: Model) -> str:
    """The model's title, and what has to be done before it can be used."""
    state = state_words(model, catalog.datasets().get(model.default_dataset))
    return f"{model.title} ({state})" if state else model.title


def _techniques() -> tuple[str, ...]:
    known = catalog.techniques()
    after = [name for name, technique in known.items() if technique.training == "none"]
    during = [name for name, technique in known.items() if technique.training != "none"]
    left, right = st.columns([7, 3])
    with left:
        chosen = st.pills(
            "After training",
            after,
            selection_mode="multi",
            key="after",
            format_func=lambda name: known[name].title,
            help="These convert the trained model as it is. Some need a representative sample, none needs labels.",
            on_change=_forget_notes,
            persist_state="session",
            wrap=True,
        )
    with right:
        trained = st.pills(
            "While training",
            during,
            selection_mode="multi",
            key="during",
            format_func=lambda name: known[name].title,
            help="These train the model on with labelled data before it is converted, so they take longer.",
            on_change=_forget_notes,
            persist_state="session",
            wrap=True,
        )
    names = {*chosen, *trained}
    return tuple(name for name in known if name in names)


def _settings() -> Settings:
    usual = Settings()
    with st.popover("Settings", icon=":material/tune:", width="stretch"):
        datasets = catalog.models()[st.session_state.model].datasets
        if len(datasets) > 1:
            if st.session_state.get("dataset") not in datasets:
                st.session_state.dataset = datasets[0]
            st.selectbox(
                "Data set",
                datasets,
                key="dataset",
                format_func=lambda name: catalog.datasets()[name].title,
                help="Supplies the calibration sample, the data of techniques that train, and the held-out test.",
                persist_state="session",
            )
        samples = st.number_input(
            "Calibration samples", 1, 1000, key="samples", persist_state="session",
            help=f"Training inputs shown to the converter so that it learns each tensor's range. Usually {usual.calibration_samples}.",
        )  # fmt: skip
        epochs = st.number_input(
            "Fine-tuning epochs", 1, 50, key="epochs", persist_state="session",
            help="How often a technique that trains goes through the training data.",
        )  # fmt: skip
        policy = st.selectbox(
            "Converter policy of dynamic range", POLICIES, key="policy", persist_state="session",
            help="Older tutorials choose OPTIMIZE_FOR_SIZE or OPTIMIZE_FOR_LATENCY. The details of the dynamic range "
            "variant tell what the choice changes, because the lab compares the files.",
        )  # fmt: skip
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, key="seed", persist_state="session", help="Of techniques that train."
        )
    return Settings(int(samples), int(epochs), str(policy), int(seed))


def _share(asked: Question) -> None:
    with st.popover("Share", icon=":material/link:", width="stretch"):
        st.write("This link opens the same comparison for anybody who can reach this server.")
        st.code(link.address(asked), language=None, wrap_lines=True)
