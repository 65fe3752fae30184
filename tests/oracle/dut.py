# SPDX-License-Identifier: BSD-2-Clause
"""A stack behind wires and a control socket, in virtual time: starting it, driving it, observing it.

One SOCK_SEQPACKET per wire carries Ethernet frames, one carries JSON requests and replies: config, sync, advance,
counters, neigh, fate, as tests/dut/README.md tells, and two that are skiff's own: `trace` (the virtual time of
each frame sent) and `reset` (forget everything, so that one process can serve many scenarios). A stack without
`trace` is advanced in small steps; one without `reset` is started anew each time."""
import json
import os
import signal
import socket
import subprocess

from scenario import ROOT, sysctls

BUILDS = ('build', 'build-dev', 'build-debug', 'build-release', 'build-asan', 'builddir')
STEP_MS = 5


class Died(RuntimeError):
    """The stack ended, hung or broke the protocol."""


def find(path=None):
    """Where skiff-dut is: as told, or in one of the usual build folders, the newest first."""
    if path:
        return path
    found = [os.path.join(ROOT, b, 'tests', 'dut', 'skiff-dut') for b in BUILDS]
    found = [p for p in found if os.access(p, os.X_OK)]
    return max(found, key=os.path.getmtime) if found else None


class Dut:
    """One process of the stack with wires of given names."""

    def __init__(self, command, names):
        self.names, self.wires, keep, args = list(names), {}, [], list(command)
        for n in self.names:
            self.wires[n], far = self._pair()
            args += ['--wire', '%s=%d' % (n, far.fileno())]
            keep.append(far)
        self.control, far = self._pair()
        keep.append(far)
        self.process = subprocess.Popen(args + ['--control=%d' % far.fileno()], pass_fds=[k.fileno() for k in keep])
        for k in keep:
            k.close()
        for w in self.wires.values():
            w.setblocking(False)
        self.traces, self.fresh = True, True

    @staticmethod
    def _pair():
        a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for s in (a, b):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        return a, b

    def ask(self, op, timeout=20, **more):
        """One request, its reply."""
        try:
            self.control.settimeout(timeout)
            self.control.send(json.dumps(dict(more, op=op)).encode())
            reply = self.control.recv(4 << 20)
        except socket.timeout:
            raise Died('no answer to %s in %d s' % (op, timeout)) from None
        except OSError as e:
            reply = b''
            if e.errno not in (32, 104):
                raise Died('%s: %s' % (op, e)) from None
        if not reply:
            try:
                code = self.process.wait(5)
            except subprocess.TimeoutExpired:
                code = None
            why = 'signal %s' % signal.Signals(-code).name if code and code < 0 else 'status %s' % code
            raise Died('the stack ended during %s (%s)' % (op, why))
        return json.loads(reply)

    def configure(self, config):
        """Set a scenario's configuration; RuntimeError if it is refused."""
        if not self.fresh and not self.ask('reset').get('ok'):
            raise Died('no reset')
        self.fresh = False
        self.drain()
        r = self.ask('config', **dict(config, sysctl=sysctls(config)))
        if not r.get('ok'):
            raise RuntimeError('config: %s' % r.get('why'))
        self.drain()
        if self.traces:
            self.traces = 'out' in self.ask('trace')

    def inject(self, dev, frame):
        """A frame arrives at an interface."""
        try:
            self.wires[dev].send(frame)
        except OSError as e:
            raise Died('wire %s: %s' % (dev, e)) from None

    def drain(self):
        """Frames waiting on the wires: {dev: [frame]}"""
        out = {}
        for dev, w in self.wires.items():
            while True:
                try:
                    f = w.recv(70000)
                except (BlockingIOError, ConnectionResetError):
                    break
                if not f:
                    break
                out.setdefault(dev, []).append(f)
        return out

    def collect(self, now, last):
        """Process and read: [(dev, frame, last, ms)]"""
        self.ask('sync')
        got = self.drain()
        if not got:
            return []
        times = {}
        if self.traces:
            for e in self.ask('trace')['out']:
                times.setdefault(e['dev'], []).append(e['ms'])
        out = []
        for dev, fs in got.items():
            at = times.get(dev, [now] * len(fs))
            if len(at) != len(fs):
                raise Died('trace tells of %d frames on %s, %d came' % (len(at), dev, len(fs)))
            out += [(dev, f, last, t) for f, t in zip(fs, at)]
        return out

    def advance(self, now, to, last):
        """Let virtual time pass from now to to; what came out meanwhile."""
        out = []
        while now < to:
            n = to - now if self.traces else min(STEP_MS, to - now)
            if not self.ask('advance', ms=n).get('ok'):
                raise Died('no virtual time')
            now += n
            out += self.collect(now, last)
        return out

    def close(self):
        """End the process."""
        for s in list(self.wires.values()) + [self.control]:
            s.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def refusals(dut, scn):
    """What the kernel refused must be refused, for the same reason; RuntimeError if not."""
    for r in scn.get('refused', []):
        a = dut.ask('try', line=r['line'])
        if a.get('ok'):
            raise RuntimeError('config: accepts `%s`; the kernel: %s' % (r['line'], r['why']))
        want = r['why'].replace('RTNETLINK answers: ', '').replace('Error: ', '').strip().rstrip('.')
        if want not in a.get('why', ''):
            raise RuntimeError('config: refuses `%s` with "%s"; the kernel: %s' % (r['line'], a.get('why'), r['why']))


def observe(dut, scn, fate=False, neigh=None):
    """Run one scenario on a started stack."""
    dut.configure(scn['config'])
    if dut.traces:
        refusals(dut, scn)
    before, out, now = dut.ask('counters'), [], 0
    if fate:
        dut.ask('fate')
    for n, i in enumerate(scn['inject']):
        if i['t'] > now:
            out += dut.advance(now, i['t'], n - 1)
            now = i['t']
        dut.inject(i['dev'], bytes.fromhex(i['hexframe']))
        out += dut.collect(now, n)
    out += dut.advance(now, now + scn['settle_ms'], len(scn['inject']) - 1)
    after = dut.ask('counters')
    obs = {'out': out, 'counters': {k: v - before.get(k, 0) for k, v in after.items() if v != before.get(k, 0)}}
    if neigh or neigh is None and 'neigh' in scn.get('expect', {}):
        obs['neigh'] = dut.ask('neigh')
    if fate:
        obs['fate'] = dut.ask('fate')
    return obs


class Pool:
    """A stack to run scenarios on, one after the other: reused where it can be, started anew where not."""

    def __init__(self, command, reuse=True):
        self.command, self.reuse, self.dut = list(command), reuse, None

    def observe(self, scn, **more):
        names = [i['name'] for i in scn['config']['ifaces']]
        if self.dut and (not self.reuse or not set(names) <= set(self.dut.names)):
            self.drop()
        if not self.dut:
            common = ['e%d' % k for k in range(4)] if self.reuse else []
            self.dut = Dut(self.command, sorted(set(names) | set(common)) if self.reuse else names)
        try:
            return observe(self.dut, scn, **more)
        except (Died, KeyError, ValueError):
            self.drop()
            raise
        finally:
            if not self.reuse:
                self.drop()

    def drop(self):
        if self.dut:
            self.dut.close()
        self.dut = None
