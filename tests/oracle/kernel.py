# SPDX-License-Identifier: BSD-2-Clause
"""The running Linux kernel as the device under test: one fresh network namespace a scenario, one TAP an interface.

A write to a TAP's descriptor is a frame that arrives, a read is a frame that was sent; both happen within the call, so
no sleeping is needed except for what timers do. Each scenario runs in a forked child, whose end removes everything."""
import ctypes
import errno
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import time

import scenario
from packet import mac, mac_text, text

CLONE_NEWNET = 0x40000000
TUNSETIFF, TAP_NO_PI = 0x400454ca, 0x1002
SIOCSIFFLAGS, SIOCGIFFLAGS, SIOCSIFMTU, SIOCSIFHWADDR, IFF_UP = 0x8914, 0x8913, 0x8922, 0x8924, 1
LIBC = ctypes.CDLL(None, use_errno=True)
CONFIGURED_MS = 8       # work queues after link up
SLIP_MS = (15, 8)       # an injection later than this after its time spoils a run: usually, and where timers count
GAUGES = {'Ip.Forwarding', 'Ip.DefaultTTL', 'Tcp.RtoAlgorithm', 'Tcp.RtoMin', 'Tcp.RtoMax', 'Tcp.MaxConn', 'Tcp.CurrEstab'}
NUD = ((1, 'INCOMPLETE'), (2, 'REACHABLE'), (4, 'STALE'), (8, 'DELAY'), (16, 'PROBE'), (32, 'FAILED'))


def available():
    """None, or why the kernel cannot be asked here."""
    if os.geteuid() != 0:
        return 'not root'
    if not os.access('/dev/net/tun', os.R_OK | os.W_OK):
        return 'no /dev/net/tun'
    pid = os.fork()
    if pid == 0:
        os._exit(1 if LIBC.unshare(CLONE_NEWNET) else 0)
    return 'no network namespaces' if os.waitpid(pid, 0)[1] else None


def commands(config):
    """[(key, index, sub, line)]: the configuration after the links as lines for `ip -batch`, in the order of the schema."""
    out = []
    for n, i in enumerate(config['ifaces']):
        for k, a in enumerate(i.get('addrs', [])):
            out.append(('ifaces', n, k, 'addr add ' + ' '.join(scenario.addr_words(i['name'], a))))
    for k, a in enumerate(config.get('lo_addrs', [])):
        out.append(('lo_addrs', k, None, 'addr add ' + ' '.join(scenario.addr_words('lo', a))))
    for k, n in enumerate(config.get('neigh', [])):
        out.append(('neigh', k, None, 'neigh add %s lladdr %s dev %s nud %s' %
                    (n['dst'], n['lladdr'], n['dev'], n.get('state', 'permanent'))))
    for k, n in enumerate(config.get('proxy_neigh', [])):
        out.append(('proxy_neigh', k, None, 'neigh add proxy %s dev %s' % (n['dst'], n['dev'])))
    for k, n in enumerate(config.get('nexthops', [])):
        out.append(('nexthops', k, None, 'nexthop add id %d %s' % (n['id'], ' '.join(n['args']))))
    for k, r in enumerate(config.get('routes', [])):
        out.append(('routes', k, None, 'route add ' + ' '.join(scenario.route_words(r))))
    for k, r in enumerate(config.get('rules', [])):
        out.append(('rules', k, None, 'rule add ' + ' '.join(scenario.rule_words(r))))
    return out


class Namespace:
    """The device under test in the calling process, which enters a new network namespace for it."""

    def __init__(self, config, prune=False):
        if LIBC.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'unshare')
        self.fds, self.refused, self.family = {}, [], ['-4']
        self.ioctls = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for f in ('all', 'default'):
            self.sysctl('net.ipv6.conf.%s.disable_ipv6' % f, '1', optional=True)
        self.up('lo')
        for i in config['ifaces']:
            self.tap(i)
        settings = scenario.sysctls(config)
        for k, v in settings:
            self.sysctl(k, v)
        for i in config['ifaces']:
            if i.get('up', True):
                self.up(i['name'])
        self.words(config, prune)
        if config.get('nft'):
            subprocess.run(['nft', '-f', '-'], input=config['nft'], text=True, check=True, capture_output=True)
        for k, v in settings:
            self.sysctl(k, v)
        self.poller = select.poll()
        self.devs = {fd: n for n, fd in self.fds.items()}
        for fd in self.devs:
            self.poller.register(fd, select.POLLIN)
        time.sleep(CONFIGURED_MS / 1000)
        self.read(0)

    def tap(self, i):
        fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        name = i['name'].encode()
        fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', name, TAP_NO_PI))
        fcntl.ioctl(self.ioctls, SIOCSIFHWADDR, struct.pack('16sH14s8x', name, 1, mac(i['mac'])))
        fcntl.ioctl(self.ioctls, SIOCSIFMTU, struct.pack('16si20x', name, i.get('mtu', 1500)))
        self.fds[i['name']] = fd

    def up(self, name):
        ifr = fcntl.ioctl(self.ioctls, SIOCGIFFLAGS, struct.pack('16sH22x', name.encode(), 0))
        flags = struct.unpack('16sH22x', ifr)[1] | IFF_UP
        fcntl.ioctl(self.ioctls, SIOCSIFFLAGS, struct.pack('16sH22x', name.encode(), flags))

    @staticmethod
    def sysctl(key, value, optional=False):
        try:
            fd = os.open('/proc/sys/' + key.replace('.', '/'), os.O_WRONLY)
        except OSError:
            if optional:
                return
            raise
        try:
            os.write(fd, str(value).encode())
        finally:
            os.close(fd)

    def words(self, config, prune):
        """Run the iproute2 lines. With prune, note those that are refused instead of failing."""
        cmds = commands(config)
        if not cmds:
            return
        self.family = [] if any('group' in n['args'] for n in config.get('nexthops', [])) else ['-4']    # a group has none
        why = self.batch([c[3] for c in cmds])
        if why and not prune:
            raise RuntimeError('ip: %s: %s' % (cmds[min(why)][3], why[min(why)]))
        refused = [cmds[n] for n in sorted(why)]
        self.refused = [c + (w,) for c, w in zip(refused, self.reasons([c[3] for c in refused]))]

    def batch(self, lines):
        """Run lines of ip, all of them; {index: why} of those that failed."""
        p = subprocess.run(['ip'] + self.family + ['-force', '-batch', '-'], input='\n'.join(lines) + '\n',
                           text=True, capture_output=True)
        out, why = {}, ''
        for line in p.stderr.splitlines():
            if line.startswith('Command failed -:'):
                out[int(line.split(':')[1]) - 1] = why.strip()
                why = ''
            else:
                why += ' ' + line
        if p.returncode and not out:
            raise RuntimeError('ip: %s' % p.stderr.strip())
        return out

    def reasons(self, lines):
        """Why lines are refused now that everything else is configured; RuntimeError if one is not."""
        why = self.batch(lines) if lines else {}
        if len(why) != len(lines):
            raise RuntimeError('the kernel refuses a line only in another order')
        return [why[n] for n in range(len(lines))]

    def still_refused(self, refused):
        """RuntimeError unless each line is refused once more, as it was."""
        if self.reasons([r['line'] for r in refused]) != [r['why'] for r in refused]:
            raise RuntimeError('the kernel refuses something otherwise than before')

    def inject(self, dev, frame):
        try:
            os.write(self.fds[dev], frame)
        except OSError as e:
            if e.errno not in (errno.EIO, errno.EINVAL):
                raise

    def read(self, until):
        """Frames sent until the monotonic time `until`: [(time, dev, frame)]"""
        out = []
        while True:
            left = max(0, (until - time.monotonic()) * 1000)
            ready = self.poller.poll(left)
            for fd, _ in ready:
                while True:
                    try:
                        out.append((time.monotonic(), self.devs[fd], os.read(fd, 70000)))
                    except OSError:
                        break
            if not ready and time.monotonic() >= until:
                return out

    @staticmethod
    def counters():
        out = {}
        for fn in ('/proc/net/snmp', '/proc/net/netstat'):
            with open(fn) as f:
                lines = f.read().splitlines()
            for h, v in zip(lines[::2], lines[1::2]):
                group = h.split(':')[0]
                if not group.startswith('MPTcp'):
                    out.update(('%s.%s' % (group, k), int(x)) for k, x in zip(h.split()[1:], v.split()[1:]))
        return {k: v for k, v in out.items() if k not in GAUGES}

    @staticmethod
    def neighbours():
        """The neighbour table as `ip -4 neigh` shows it, without permanent entries."""
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        s.send(struct.pack('=IHHIIBxHiHBB', 28, 30, 0x301, 1, 0, socket.AF_INET, 0, 0, 0, 0, 0))
        names, out = dict(socket.if_nameindex()), []
        while True:
            data = s.recv(1 << 17)
            while len(data) >= 16:
                length, kind = struct.unpack('=IH', data[:6])
                if kind == 3:
                    s.close()
                    return sorted(out, key=lambda n: (n['dev'], n['dst']))
                index, state = struct.unpack('=iH', data[20:26])
                attrs, dst, ll = data[28:length], None, None
                while len(attrs) >= 4:
                    n, t = struct.unpack('=HH', attrs[:4])
                    if t == 1:
                        dst = text(attrs[4:8])
                    elif t == 2:
                        ll = mac_text(attrs[4:n])
                    attrs = attrs[(n + 3) & ~3:]
                label = [x for bit, x in NUD if state & bit]
                if label:
                    out.append({'dev': names[index], 'dst': dst, 'lladdr': ll, 'state': '|'.join(label)})
                data = data[(length + 3) & ~3:]


def observe(scn, neigh, prune=False):
    """Run one scenario in this process."""
    d = Namespace(scn['config'], prune)
    if not prune:
        d.still_refused(scn.get('refused', []))
    before, out, slip = d.counters(), [], 0.0
    start = time.monotonic()
    for n, i in enumerate(scn['inject']):
        at = start + i['t'] / 1000
        out += [(dev, f, n - 1, (t - start) * 1000) for t, dev, f in d.read(at)]
        slip = max(slip, (time.monotonic() - at) * 1000)
        d.inject(i['dev'], bytes.fromhex(i['hexframe']))
        out += [(dev, f, n, (t - start) * 1000) for t, dev, f in d.read(0)]
    last = len(scn['inject']) - 1
    end = start + ((scn['inject'][last]['t'] if last >= 0 else 0) + scn['settle_ms']) / 1000
    out += [(dev, f, last, (t - start) * 1000) for t, dev, f in d.read(end)]
    after = d.counters()
    obs = {'out': out, 'counters': {k: v - before.get(k, 0) for k, v in after.items() if v != before.get(k, 0)},
           'slip': slip, 'refused': d.refused}
    if neigh:
        obs['neigh'] = d.neighbours()
    return obs


class Run:
    """A scenario running in a child of its own; result() waits for it."""

    def __init__(self, scn, neigh=True, prune=False):
        r, w = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(r)
            try:
                o = observe(scn, neigh, prune)
                o['out'] = [(dev, f.hex(), n, t) for dev, f, n, t in o['out']]
            except Exception as e:      # whatever it is, the parent wants to know
                o = {'error': '%s: %s' % (type(e).__name__, e)}
            with os.fdopen(w, 'w') as f:
                json.dump(o, f)
            os._exit(0)
        os.close(w)
        self.pipe = os.fdopen(r)

    def result(self):
        with self.pipe:
            raw = self.pipe.read()
        os.waitpid(self.pid, 0)
        o = json.loads(raw) if raw else {'error': 'the child died'}
        if 'error' not in o:
            o['out'] = [(dev, bytes.fromhex(f), n, t) for dev, f, n, t in o['out']]
        return o


def late(scn, obs):
    """Did the machine inject too late for the answer to count?"""
    return obs['slip'] > SLIP_MS[bool(scn.get('timing'))]


def settled(scn, tries=12, prune=False):
    """Run a scenario until the injections were on time; the last result if they never were."""
    neigh = scn.get('watch_neigh', 'neigh' in scn.get('expect', {}))
    for n in range(tries):
        o = Run(scn, neigh, prune).result()
        if 'error' in o or not late(scn, o):
            break
        time.sleep(0.05 * n)
    return o
