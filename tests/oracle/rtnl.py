# SPDX-License-Identifier: BSD-2-Clause
"""The running kernel's NETLINK_ROUTE, asked message by message in a network namespace of its own.

A Session writes what it asks and what it hears as text (tests/rtnl/*.txt, see tests/rtnl/replay_test.c):

  # words for the reader
  groups N...    notifications of these are written
  device NAME INDEX
  rule N TEXT    the Nth rule in the words of ip(8)
  ip WORDS       run by ip(8) here, by the same words as messages in skiff; must succeed
  carrier NAME 0|1
  sysctl -qw KEY=VALUE
  > HEX          a request; what follows is its answer
  < ERRNO [OFFSET MISS_TYPE] [SENTENCE]
  = HEX          an object in the answer (sequence number and port zeroed)
  ! GROUP HEX    a notification
"""
import ctypes
import os
import socket
import struct
import subprocess

CLONE_NEWNET = 0x40000000
SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, GET_STRICT_CHK = 270, 1, 10, 11, 12
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_ECHO, NLM_F_DUMP = 1, 2, 4, 8, 0x300
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE, NLM_F_APPEND = 0x100, 0x200, 0x400, 0x800
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED = 0x8000


def available():
    """None, or why the kernel cannot be asked here."""
    if os.geteuid() != 0:
        return 'not root'
    pid = os.fork()
    if pid == 0:
        os._exit(1 if ctypes.CDLL(None).unshare(CLONE_NEWNET) else 0)
    return 'no network namespaces' if os.waitpid(pid, 0)[1] else None


def attr(kind, value):
    """One attribute; value: bytes, a string (ended by 0), or a list of attributes (nested)."""
    if isinstance(value, list):
        value, kind = b''.join(value), kind | NLA_F_NESTED
    elif isinstance(value, str):
        value = value.encode() + b'\0'
    raw = struct.pack('=HH', len(value) + 4, kind) + value
    return raw + b'\0' * (-len(raw) % 4)


def u8(kind, v):
    return attr(kind, struct.pack('=B', v))


def u16(kind, v):
    return attr(kind, struct.pack('=H', v))


def u32(kind, v):
    return attr(kind, struct.pack('=I', v & 0xffffffff))


def u64(kind, v):
    return attr(kind, struct.pack('=Q', v))


def be64(kind, v):
    return attr(kind, struct.pack('>Q', v))


def ip4(kind, text):
    return attr(kind, socket.inet_aton(text))


def message(kind, flags, payload):
    return struct.pack('=IHHII', 16 + len(payload), kind, flags | NLM_F_REQUEST, 0, 0) + payload


def messages(data):
    while len(data) >= 16:
        size = struct.unpack_from('=I', data)[0]
        yield data[:size]
        data = data[(size + 3) & ~3:]


def attributes(data):
    while len(data) >= 4:
        size, kind = struct.unpack_from('=HH', data)
        if size < 4:
            return
        yield kind & 0x3fff, data[4:size]
        data = data[(size + 3) & ~3:]


def anonymous(raw):
    """Without sequence number and port, and in a route that was asked for without users and time of last use."""
    raw = bytearray(raw[:8] + b'\0' * 8 + raw[16:])
    at = 28
    while struct.unpack_from('=H', raw, 4)[0] == 24 and at + 4 <= len(raw):
        size, kind = struct.unpack_from('=HH', raw, at)
        if kind == 12 and size >= 36:
            raw[at + 4:at + 12], raw[at + 20:at + 24] = bytes(8), bytes(4)
        at += max(4, (size + 3) & ~3)
    return bytes(raw)


class Session:
    """Enters a new namespace: call it in a process of its own."""

    @staticmethod
    def polish(raw):
        """An object without what never is the same twice."""
        return raw

    families = (socket.AF_UNSPEC, socket.AF_INET)  # of whose objects we want to hear

    def __init__(self, out, groups):
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'unshare')
        self.out = out
        self.seq = 0
        self.ask = self.socket()
        self.say('groups ' + ' '.join(str(g) for g in groups))
        self.listen = {}
        for g in groups:
            self.listen[g] = self.socket()
            self.listen[g].setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, g)
            self.listen[g].setblocking(False)

    @staticmethod
    def socket():
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        for option in (CAP_ACK, EXT_ACK, GET_STRICT_CHK):
            s.setsockopt(SOL_NETLINK, option, 1)
        s.bind((0, 0))
        return s

    def say(self, text):
        print(text, file=self.out)

    def hush(self):
        for s in self.listen.values():
            try:
                while s.recv(1 << 16):
                    pass
            except BlockingIOError:
                pass

    def heard(self):
        for g in sorted(self.listen):
            try:
                while True:
                    for m in messages(self.listen[g].recv(1 << 16)):
                        self.say('! %d %s' % (g, anonymous(m).hex()))
            except BlockingIOError:
                pass

    def ip(self, words):
        self.say('ip ' + words)
        subprocess.run(['ip'] + words.split(), check=True)
        self.heard()

    def device(self, name, index):
        """An Ethernet device whose cable ends in this namespace as p-NAME."""
        self.say('device %s %d' % (name, index))
        subprocess.run(['ip', 'link', 'add', name, 'index', str(index), 'type', 'veth', 'peer', 'name', 'p-' + name,
                        'index', str(index + 1000)], check=True)
        subprocess.run(['sysctl', '-qw', 'net.ipv6.conf.%s.disable_ipv6=1' % name, 'net.ipv6.conf.p-%s.disable_ipv6=1' % name],
                       check=False, stderr=subprocess.DEVNULL)
        subprocess.run(['ip', 'link', 'set', 'p-' + name, 'up'], check=True)
        self.heard()

    def rule_texts(self, unknown):
        """The rules in the words of ip(8), but for those of which it does not know all."""
        listed = subprocess.run(['ip', '-4', 'rule'], check=True, capture_output=True, text=True).stdout
        for n, line in enumerate(listed.splitlines()):
            if int(line.split(':')[0]) not in unknown:
                self.say('rule %d %s' % (n, line.replace('\t', ' ')))

    def sysctl(self, setting):
        self.say('sysctl -qw ' + setting)
        subprocess.run(['sysctl', '-qw', setting], check=True)
        self.heard()

    def carrier(self, name, on):
        self.say('carrier %s %d' % (name, on))
        subprocess.run(['ip', 'link', 'set', 'p-' + name, 'up' if on else 'down'], check=True)
        self.heard()

    def error(self, raw, done):
        code = -struct.unpack_from('=i', raw, 16)[0]
        text, offset, miss = '', 0, 0
        if struct.unpack_from('=H', raw, 6)[0] & 0x200:
            skip = 20 if done else 20 + 16
            if not done and not struct.unpack_from('=H', raw, 6)[0] & 0x100:
                skip = 20 + ((struct.unpack_from('=I', raw, 20)[0] + 3) & ~3)
            for kind, value in attributes(raw[skip:]):
                if kind == 1:
                    text = value.rstrip(b'\0').decode()
                elif kind == 2:
                    offset = struct.unpack('=I', value)[0]
                elif kind == 5:
                    miss = struct.unpack('=I', value)[0]
        self.say(('< %d %d %d %s' % (code, offset, miss, text)).rstrip())
        return code

    def request(self, comment, raw):
        """Sends a message and writes all that comes back. Returns the errno."""
        self.seq += 1
        raw = bytearray(raw)
        dump = struct.unpack_from('=H', raw, 6)[0] & NLM_F_DUMP == NLM_F_DUMP
        flags = struct.unpack_from('=H', raw, 6)[0] | (0 if dump else NLM_F_ACK)
        struct.pack_into('=HI', raw, 6, flags, self.seq)
        if comment:
            self.say('# ' + comment)
        self.say('> ' + anonymous(bytes(raw)).hex())
        self.ask.send(bytes(raw))
        while True:
            for m in messages(self.ask.recv(1 << 16)):
                kind, seq = struct.unpack_from('=H', m, 4)[0], struct.unpack_from('=I', m, 8)[0]
                if seq != self.seq:
                    raise RuntimeError('answer to something else')
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    code = self.error(m, kind == NLMSG_DONE)
                    self.heard()
                    return code
                if m[16] in self.families:
                    self.say('= ' + self.polish(anonymous(m)).hex())
