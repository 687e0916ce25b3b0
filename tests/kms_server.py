"""A KMS that keeps everything in memory, on a free port of 127.0.0.1.

Prints the port, and ends when its standard input does: with whoever started
it, however that ended.
"""

import logging
import sys

from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
