#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/echo_asyncio.py serve PORT | ask HOST PORT N - an echo server, and N connections at once that ask it; "N good" if all came back."""
import asyncio
import hashlib
import sys


async def echo(reader, writer):
    while block := await reader.read(65536):
        writer.write(block)
        await writer.drain()
    writer.close()


async def serve(port):
    server = await asyncio.start_server(echo, "0.0.0.0", port, backlog=1000)
    await server.serve_forever()


async def ask(host, port, i):
    want = hashlib.shake_128(str(i).encode()).digest(1000 + 37 * i)
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(want)
    writer.write_eof()
    got = await reader.read()
    writer.close()
    return got == want


async def ask_all(host, port, n):
    answers = await asyncio.gather(*(ask(host, port, i) for i in range(n)))
    print(len(answers), "good" if all(answers) else "bad")


if sys.argv[1] == "serve":
    asyncio.run(serve(int(sys.argv[2])))
else:
    asyncio.run(ask_all(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
