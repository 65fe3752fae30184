# SPDX-License-Identifier: BSD-2-Clause
"""Scenario files: where they are, how they are read and written, what their words mean. Schema: data/golden/README.md."""
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, 'data', 'golden')
BASELINE = json.load(open(os.path.join(GOLDEN, 'baseline.json')))


def files(args):
    """Every scenario file of the given files and folders, sorted."""
    out = []
    for a in args:
        if os.path.isdir(a):
            for top, _, names in os.walk(a):
                out += [os.path.join(top, n) for n in names if n.endswith('.json') and n != 'baseline.json']
        else:
            out.append(a)
    return sorted(out)


def load(path):
    """One scenario, or None for a JSON file that is something else."""
    with open(path) as f:
        s = json.load(f)
    return s if isinstance(s, dict) and 'inject' in s and 'config' in s else None


def sysctls(config):
    """The whole, ordered list of settings: baseline, then the scenario's own."""
    out = [list(x) for x in BASELINE['global']]
    for name in ['all', 'default'] + [i['name'] for i in config['ifaces']]:
        out += [['net.ipv4.conf.%s.%s' % (name, k), v] for k, v in BASELINE['per_interface']]
    return out + [list(x) for x in config.get('sysctl', [])]


def addr_words(dev, a):
    """Words of `ip addr add` for one address."""
    w = [a['local']]
    for k in ('peer', 'brd'):
        if k in a:
            w += [k, a[k]]
    return w + ['dev', dev] + (['scope', str(a['scope'])] if 'scope' in a else [])


def route_words(r):
    """Words of `ip route add` for one route."""
    w = [] if r.get('type', 'unicast') == 'unicast' else [r['type']]
    w.append(r['dst'])
    for k in ('tos', 'via', 'dev', 'scope', 'src', 'metric', 'table'):
        if k in r:
            w += [k, str(r[k])]
    if 'mtu' in r:
        w += ['mtu'] + (['lock'] if r.get('mtu_lock') else []) + [str(r['mtu'])]
    if 'nhid' in r:
        w += ['nhid', str(r['nhid'])]
    if r.get('onlink') and 'nexthops' not in r:
        w.append('onlink')
    for n in r.get('nexthops', []):
        w += ['nexthop'] + (['via', n['via']] if 'via' in n else [])
        w += ['dev', n['dev'], 'weight', str(n.get('weight', 1))] + (['onlink'] if n.get('onlink') else [])
    return w


def rule_words(r):
    """Words of `ip rule add` for one rule."""
    w = ['not'] if r.get('not') else []
    for k in ('from', 'to', 'iif', 'oif', 'tos', 'fwmark', 'ipproto', 'sport', 'dport', 'pref'):
        if k in r:
            w += [k, str(r[k])]
    act = r.get('action', 'lookup')
    if act == 'lookup':
        w += ['lookup', str(r['table'])]
        for k in ('suppress_prefixlength', 'suppress_ifgroup'):
            if k in r:
                w += [k, str(r[k])]
    elif act == 'goto':
        w += ['goto', str(r['goto'])]
    else:
        w.append(act)
    return w


def dumps(o, indent=0, width=200):
    """Compact JSON that a person can read: what fits on a line stays on it."""
    line = json.dumps(o)
    if not isinstance(o, (dict, list)) or not o or (indent and indent + len(line) <= width):
        return line
    pad = ' ' * (indent + 1)
    if isinstance(o, dict):
        rows = ['%s%s: %s' % (pad, json.dumps(k), dumps(v, indent + 1, width)) for k, v in o.items()]
        return '{\n' + ',\n'.join(rows) + '\n' + ' ' * indent + '}'
    rows = [pad + dumps(v, indent + 1, width) for v in o]
    return '[\n' + ',\n'.join(rows) + '\n' + ' ' * indent + ']'


def save(path, scn):
    """Write a scenario file."""
    with open(path, 'w') as f:
        f.write(dumps(scn) + '\n')
