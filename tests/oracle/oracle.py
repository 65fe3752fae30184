# SPDX-License-Identifier: BSD-2-Clause
"""One scenario asked of both: the kernel and skiff. And a differing one made small."""
import copy

import dut
import generate
import judge
import kernel

SAME, DIFFERENT, UNSTABLE, UNUSABLE, BUSY = 'same', 'different', 'unstable', 'unusable', 'busy'


def ask_skiff(pool, scn, expect):
    """Differences of skiff from an expectation."""
    try:
        obs = pool.observe(scn, neigh='neigh' in expect)
    except (dut.Died, RuntimeError, OSError, ValueError, KeyError) as e:
        return ['%s: %s' % (type(e).__name__, e)]
    return judge.differences(scn, expect, obs)


def compare(pool, scn, again=2, refused=None):
    """(verdict, differences, expectation). What the kernel itself does not repeat is UNSTABLE, what this
    machine could not inject on time BUSY. With a list `refused`, items
    of the configuration that the kernel refuses are taken out of scn and put there."""
    first = kernel.settled(scn, prune=refused is not None)
    if 'error' in first:
        return UNUSABLE, [first['error']], None
    if refused is not None:
        refused += first['refused']
        generate.prune(scn, first['refused'])
    expect = judge.expectation(scn, first)
    if kernel.late(scn, first):
        return BUSY, ['the machine is too busy'], expect
    d = ask_skiff(pool, scn, expect)
    if not d:
        return SAME, [], expect
    for _ in range(again):
        o = kernel.settled(scn)
        if 'error' in o or judge.differences(scn, expect, o):
            return UNSTABLE, d, expect
    return DIFFERENT, d, expect


def _lists(scn):
    """Every list of a scenario from which items can be taken: [(path of keys)]"""
    cfg = scn['config']
    out = [('refused',)] if scn.get('refused') else []
    out += [('inject',)]
    out += [('config', k) for k in ('rules', 'routes', 'nexthops', 'sysctl', 'proxy_neigh', 'lo_addrs', 'neigh') if cfg.get(k)]
    out += [('config', 'ifaces', n, 'addrs') for n, i in enumerate(cfg['ifaces']) if i.get('addrs')]
    return out + [('config', 'ifaces')]


def _get(scn, path):
    for k in path:
        scn = scn[k]
    return scn


def _without(scn, path, start, count):
    s = copy.deepcopy(scn)
    del _get(s, path)[start:start + count]
    names = {i['name'] for i in s['config']['ifaces']}
    if not (s['inject'] or s.get('refused')) or not names or any(i['dev'] not in names for i in s['inject']):
        return None
    for k in ('neigh', 'proxy_neigh'):
        s['config'][k] = [n for n in s['config'].get(k, []) if n['dev'] in names]
    s['config']['sysctl'] = [x for x in s['config']['sysctl'] if x[0].split('.')[2] not in ('conf', 'neigh') or
                             x[0].split('.')[3] in names | {'all', 'default'}]
    return s


def shrink(pool, scn, say=lambda text: None):
    """The smallest scenario found that still differs, with its differences; None if it does not differ at all."""
    scn = copy.deepcopy(scn)
    verdict, d, expect = compare(pool, scn)
    if verdict != DIFFERENT:
        return None
    progress = True
    while progress:
        progress = False
        for path in _lists(scn):
            step = max(1, len(_get(scn, path)) // 2)
            while step:
                k = 0
                while k < len(_get(scn, path)):
                    s = _without(scn, path, k, step)
                    v = compare(pool, s, again=1) if s else (SAME, [], None)
                    if v[0] == DIFFERENT:
                        scn, d, expect, progress = s, v[1], v[2], True
                        say('%s: %d left; %s' % ('.'.join(map(str, path)), len(_get(scn, path)), d[0]))
                    else:
                        k += step
                step //= 2
    scn['expect'] = expect
    return scn, d
