"""The older converter policies: tutorials still choose between them, so the lab converts under each and compares."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace

from tinyml_core.ask_made import ask_made
from tinyml_core.call import Reply
from tinyml_core.desk import Desk
from tinyml_core.metrics import format_bytes
from tinyml_core.outcome import Failure
from tinyml_core.sentence import listed
from tinyml_core.values import POLICIES, Job
from tinyml_core.variants import Variant

TECHNIQUE = "dynamic"


def ask_policies(desk: Desk, job: Job) -> dict[str, Future[Reply]]:
    """Convert a dynamic range job under every policy; gives the files' futures by policy."""
    asked = {}
    for policy in POLICIES:
        settings = replace(job.settings, policy=policy)
        asked[policy] = ask_made(Variant(desk, f"{policy} of {job.model}"), replace(job, settings=settings))
    return asked


def verdict(replies: Mapping[str, Reply]) -> str:
    """One sentence on what the policies gave: the same file, or which differ.

    Files of one size that differ prove nothing: workers on different processors may have made them.
    """
    failed = [policy for policy, reply in replies.items() if isinstance(reply, Failure)]
    if failed:
        return f"The converter policies could not all be compared: {listed(failed)} failed."
    files = {policy: reply.blobs["tflite"] for policy, reply in replies.items() if not isinstance(reply, Failure)}
    names, different = listed(list(files)), len({file.sha256 for file in files.values()})
    sizes = [len(file.read()) for file in files.values()]
    if different == 1:
        return (
            f"Converted under {names}: three times the same file, byte for byte ({format_bytes(sizes[0])}). "
            "A policy tells the converter what to optimize for; today's converter makes no difference between them."
        )
    if len(set(sizes)) == 1:
        return (
            f"Converted under {names}: {different} different files of the same size ({format_bytes(sizes[0])}). Either the "
            "policy matters here, or the files were made on different processors: there the last digits may differ."
        )
    return f"Converted under {names}: {different} different files; the policy matters here."
