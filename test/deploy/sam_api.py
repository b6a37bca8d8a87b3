"""`sam local start-api` without Docker: `sam_api.py TEMPLATE PORT RUNTIME_URL`.

SAM's own providers read the template and its own service makes the events and the answers. Only what would start a
container asks RUNTIME_URL instead: POST {function, directory, handler, environment, event} → the answer of the function.
Prints one line of JSON before it listens on 127.0.0.1: the functions and routes that SAM has found.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from samcli.commands.local.lib.local_api_service import LocalApiService
from samcli.commands.local.lib.local_lambda import LocalLambdaRunner
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

template, port, runtime_url = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def told(config):
    """What SAM would give a container."""
    return {
        "function": config.name,
        "runtime": config.runtime,
        "architecture": config.architecture,
        "handler": config.handler,
        "directory": config.code_abs_path,
        "timeoutSeconds": config.timeout,
        "memoryMegabytes": config.memory,
        "environment": config.env_vars.resolve(),
    }


class Runtime:
    def invoke(self, config, event, *_, stdout, **__):
        body = json.dumps({**told(config), "event": json.loads(event)}).encode()
        headers = {"content-type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(runtime_url, body, headers)) as answer:
            stdout.write_str(answer.read().decode())


stacks, _ = SamLocalStackProvider.get_stacks(template)
functions = SamFunctionProvider(stacks)
directory = str(Path(template).parent)
runner = LocalLambdaRunner(Runtime(), functions, directory, template, aws_region="us-east-1")
invocation = SimpleNamespace(
    stacks=stacks, get_cwd=lambda: directory, local_lambda_runner=runner, stderr=None
)
service = LocalApiService(invocation, port, "127.0.0.1", None, False, None)
found = {
    "functions": [told(runner.get_invoke_config(function)) for function in functions.get_all()],
    "routes": [
        {"path": route.path, "methods": sorted(route.methods), "function": route.function_name}
        for route in service.api_provider.api.routes
    ],
}
print(json.dumps(found), flush=True)
# Flask greets whoever starts it.
sys.stdout = open(os.devnull, "w")
service.start()
