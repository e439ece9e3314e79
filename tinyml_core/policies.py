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
    """One sentence on what the policies gave: the same file, or which differ."""
    failed = [policy for policy, reply in replies.items() if isinstance(reply, Failure)]
    if failed:
        return f"The converter policies could not all be compared: {listed(failed)} failed."
    hashes = {
        policy: reply.blobs["tflite"].sha256 for policy, reply in replies.items() if not isinstance(reply, Failure)
    }
    names = listed(list(hashes))
    if len(set(hashes.values())) == 1:
        size = len(next(reply for reply in replies.values() if not isinstance(reply, Failure)).blobs["tflite"].read())
        return (
            f"Converted under {names}: three times the same file, byte for byte ({format_bytes(size)}). "
            "A policy tells the converter what to optimize for; today's converter makes no difference between them."
        )
    groups = {digest: [policy for policy in hashes if hashes[policy] == digest] for digest in hashes.values()}
    return f"Converted under {names}: {len(groups)} different files; the policy matters here."
