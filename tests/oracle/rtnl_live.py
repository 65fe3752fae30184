#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/oracle/rtnl_live.py RTNL_TEST [SEED [ROUNDS [COUNT]]] - random requests, to the running kernel and to skiff.

Each round asks the kernel COUNT random requests about rules, as many about resilient groups, about next hops and routes
that use them, about routes, about addresses, and about all of routes, addresses and links by turns, and replays what it
said on skiff (tests/rtnl). Needs root; kernels older than 6.18 answer some requests otherwise and are not compared
(status 77)."""
import os
import subprocess
import sys
import tempfile

from rtnl import available

HERE = os.path.dirname(os.path.realpath(__file__))
RECORDERS = (['rtnl_rules.py'], ['rtnl_nexthops.py', 'resilient'], ['rtnl_nexthops.py', 'routes'],
             ['rtnl_routes.py', 'routes'], ['rtnl_routes.py', 'addrs'], ['rtnl_routes.py', 'mixed'], ['rtnl_routes.py', 'gets'])


def main():
    release = tuple(int(n) for n in os.uname().release.split('-')[0].split('.')[:2])
    why = available() or ('a kernel older than 6.18' if release < (6, 18) else None)
    if why:
        print('rtnl_live:', why, '- not compared')
        return 77
    replay = os.path.abspath(sys.argv[1])
    seed, rounds, count = (int(n) for n in (sys.argv[2:] + ['1', '3', '300'][len(sys.argv) - 2:]))
    differing = 0
    with tempfile.TemporaryDirectory() as top:
        for n in range(seed, seed + rounds):
            for recorder in RECORDERS:
                path = os.path.join(top, recorder[0] + '.txt')
                command = [sys.executable, os.path.join(HERE, recorder[0])] + recorder[1:] + [path, str(n), str(count)]
                subprocess.run(command, check=True)
                result = subprocess.run([replay, path], capture_output=True, text=True, check=False)
                if result.returncode:
                    differing += 1
                    print('seed %d of %s:\n%s' % (n, ' '.join(recorder), result.stdout + result.stderr))
    print('%d rounds of %d requests each, %d recordings differ' % (rounds, len(RECORDERS) * count, differing))
    return 1 if differing else 0


if __name__ == '__main__':
    sys.exit(main())
