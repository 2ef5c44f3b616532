"""Runs scim-sanity, strict, against SCIM_URL with SCIM_TOKEN; prints one JSON object a case on standard output."""

import json
import os

from scim_sanity.probe.runner import run_probe_api

OUTCOMES = {"pass": "passed", "skip": "skipped"}  # a warning fails as well

report = run_probe_api(os.environ["SCIM_URL"], token=os.environ["SCIM_TOKEN"], strict=True)
for result in report["results"]:
    outcome = OUTCOMES.get(result["status"], "failed")
    print(json.dumps({"name": result["name"], "outcome": outcome, "reason": result.get("message", "")}))
