"""Validates the Workflow Run RO-Crate in a folder, without network: `.venv-crate/bin/python validate.py FOLDER`.

Prints the requirements that are not met, one a line, and ends with 1 if there are any. Only the context of RO-Crate 1.1
would come from the network; the package `rocrate` carries it. Any other request is an error.
"""

import io
import json
import sys
from importlib.resources import files

import requests
from rocrate_validator import services
from rocrate_validator.models import Severity

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "workflow-run-crate-0.5"


def answer(_, request: requests.PreparedRequest, **__) -> requests.Response:
    """What the network would say, from the disk."""
    if request.url != CONTEXT:
        raise requests.ConnectionError(f"asked for {request.url}")
    context = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
    assert json.loads(context)["@id"] == CONTEXT
    response = requests.Response()
    response.status_code, response.url, response.request, response.raw = 200, CONTEXT, request, io.BytesIO(context)
    response.headers["Content-Type"] = "application/ld+json"
    return response


def unmet(folder: str) -> list[str]:
    """The requirements of the profile, and of those that it extends, that the crate does not meet."""
    requests.adapters.HTTPAdapter.send = answer
    settings = services.ValidationSettings(
        rocrate_uri=folder, profile_identifier=PROFILE, requirement_severity=Severity.REQUIRED, no_cache=True
    )
    return [f"{issue.check.identifier}: {issue.message}" for issue in services.validate(settings).get_issues()]


if __name__ == "__main__":
    found = unmet(sys.argv[1])
    print("\n".join(found) or f"valid: {PROFILE}")
    sys.exit(bool(found))
