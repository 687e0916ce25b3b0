"""A KMS that keeps everything in memory, on a free port of 127.0.0.1.

Prints the port, and ends when its standard input does: with whoever started
it, however that ended. With a file's name it speaks HTTPS as `localhost`, and
writes its certificate to NAME.crt.
"""

import logging
import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server, make_ssl_devcert

logging.getLogger("werkzeug").setLevel(logging.ERROR)
tls = make_ssl_devcert(sys.argv[1], host="localhost") if len(sys.argv) > 1 else None
app = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=tls)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
