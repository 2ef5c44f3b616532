"""Runs scim2-tester against SCIM_URL with SCIM_TOKEN; prints one JSON object a case on standard output."""

import json
import os
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server

# The names are its own: what violates a SHOULD or a MUST fails, what was not run is skipped.
FAILED = {Status.DEVIATION, Status.ERROR, Status.CRITICAL}

seen: Counter[str] = Counter()


def name_of(result: CheckResult) -> str:
    """The check, the resource type and the attribute; numbered where the suite runs the same one again."""
    attribute = result.data.get("urn") if isinstance(result.data, dict) else None
    name = " ".join(part for part in (result.resource_type, result.title, attribute) if part)
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"


def outcome_of(status: Status) -> str:
    if status == Status.SKIPPED:
        return "skipped"
    return "failed" if status in FAILED else "passed"


client = SyncSCIMClient(
    Client(base_url=os.environ["SCIM_URL"], headers={"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"}, timeout=30)
)
for result in check_server(client):
    case = {"name": name_of(result), "outcome": outcome_of(result.status), "reason": str(result.reason or "")}
    print(json.dumps(case))
