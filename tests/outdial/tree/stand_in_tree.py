"""Runs a tree of tiny stand-in programs in the foreground, as `outdial up` runs the real ones.

Arguments: the data folder, then a JSON object, all of it optional: `port` for the API, and
`worse`, a program (Python) to run as a third one, which has to print a ready line.
"""

import json
import os
import sys
from pathlib import Path

from outdial.machine.home import Home
from outdial.tree.child import Program
from outdial.tree.programs import Foundation, settings
from outdial.tree.tree import Owner, Tree, TreeOptions
from outdial.tree.up import Terminal, printer, run

OWNER = Owner(
    organization_id="0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10",
    api_key="key-of-the-first-start",
    partner_base_url=None,
)

SANDBOX = """
import json, signal, sys, threading
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
print(json.dumps({"event": "ready", "url": "http://127.0.0.1"}), flush=True)
print("\\x1b[31msandbox says hello", flush=True)
stop.wait()
print("sandbox says goodbye", flush=True)
"""

API = """
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["OUTDIAL_DATABASE_URL"].encode())
    def log_message(self, *words):
        pass
http.server.HTTPServer.allow_reuse_address = True
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
signal.signal(signal.SIGTERM, lambda *_: sys.exit("api says goodbye"))
print('{"event": "ready"}', flush=True)
server.serve_forever()
"""


def main() -> int:
    """Runs the tree; see the module's docstring."""
    chosen = json.loads(sys.argv[2])

    def programs(foundation: Foundation) -> tuple[Program, ...]:
        env = settings(foundation)
        python = (sys.executable, "-c")
        api = (*python, API, str(foundation.api_port))
        worse = (*python, chosen.get("worse", ""))
        listed = (
            Program(name="sandbox", argv=(*python, SANDBOX), env=env),
            Program(name="api", argv=api, env=env),
            Program(name="worse", argv=worse, env=env),
        )
        return listed if "worse" in chosen else listed[:2]

    console = Terminal(width=200)
    tree = Tree(
        home=Home(Path(sys.argv[1])),
        options=TreeOptions(port=chosen.get("port")),
        environ=os.environ,
        prepare=lambda _foundation: OWNER,
        emit=printer(console),
        programs=programs,
    )
    return run(tree, console)


if __name__ == "__main__":
    sys.exit(main())
