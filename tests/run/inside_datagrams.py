# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/inside_datagrams.py - datagram endpoints of asyncio, raw and ping sockets; for compare.py."""
import asyncio
import socket
import struct


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data.upper(), addr)


class Client(asyncio.DatagramProtocol):
    def __init__(self, n, done):
        self.n, self.done, self.got = n, done, []

    def connection_made(self, transport):
        for i in range(self.n):
            transport.sendto(b"m%d" % i)

    def datagram_received(self, data, addr):
        self.got.append(data)
        if len(self.got) == self.n:
            self.done.set_result(self.got)

    def error_received(self, exc):
        if not self.done.done():
            self.done.set_result(repr(exc))


async def endpoints():
    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    for n, addr in ((50, server.get_extra_info("sockname")), (1, ("127.0.0.1", 9))):
        done = loop.create_future()
        await loop.create_datagram_endpoint(lambda: Client(n, done), remote_addr=addr)
        got = await asyncio.wait_for(done, 10)
        print(got if isinstance(got, str) else got == [b"M%d" % i for i in range(50)])


def checksum(data):
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    s = (s >> 16) + (s & 0xffff)
    return ~(s + (s >> 16)) & 0xffff


def raw():
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    s.settimeout(5)
    echo = struct.pack("!BBHHH4s", 8, 0, 0, 77, 1, b"ping")
    echo = echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]
    s.sendto(echo, ("127.0.0.1", 0))
    for _ in range(2):
        data, addr = s.recvfrom(100)
        print(data[9], data[20], data[28:], addr[0])
    h = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.settimeout(5)
    packet = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 31, 0, 0, 64, 17, 0, bytes([127, 0, 0, 9]), bytes([127, 0, 0, 1]))
    packet += struct.pack("!HHHH", 1234, udp.getsockname()[1], 11, 0) + b"raw"
    print(h.sendto(packet, ("127.0.0.1", 0)), udp.recvfrom(10))


def udp_lite():
    a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136) for _ in range(2))
    a.bind(("127.0.0.1", 0))
    a.settimeout(5)
    b.sendto(b"lite", a.getsockname())
    print(a.recvfrom(10)[0], a.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL))


def many():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.settimeout(5)
    c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    c.connect(s.getsockname())
    good = True
    for i in range(2000):
        data = b"%d" % i * (i % 300)
        c.send(data)
        if i % 7 == 6:
            good = good and [s.recv(2000) if (i - k) % 3 else s.recvfrom(2000)[0] for k in range(7)] == \
                [b"%d" % j * (j % 300) for j in range(i - 6, i + 1)]
    print("many", good)


def closed():
    """What is closed at once has sent what it sent, and nothing else, also while errors come back."""
    for _ in range(200):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect(("127.0.0.1", 9))
        try:
            s.send(b"x")
            s.send(b"y")
        except ConnectionRefusedError:
            pass
        s.close()
    t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    t.bind(("127.0.0.1", 0))
    t.settimeout(5)
    n = 0
    for i in range(200):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect(t.getsockname())
        s.send(b"%d" % i)
        s.close()
        n += t.recv(10) == b"%d" % i
    t.settimeout(0.1)
    try:
        print("closed", n, t.recv(10))
    except TimeoutError:
        print("closed", n)


asyncio.run(endpoints())
closed()
raw()
udp_lite()
many()
