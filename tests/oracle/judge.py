# SPDX-License-Identifier: BSD-2-Clause
"""What counts as the same: an observation made into an expectation, and an observation judged by one.

An observation is a dict: out [(dev, frame, after, ms)], counters {name: change}, neigh [...], fate [...]
(the last two only if asked for). `after` is the index of the injected frame that was the last before this
one came out (-1: none), ms the time since the start."""
from packet import ETH, Header, bad_checksums, fields, mac_text

TIMER_MS = 30       # an answer that comes later than this was a timer's


def _timestamps(frame, start, end):
    """Offsets of the time values inside timestamp options of an IP header from start to end."""
    o, out = start + 20, []
    while o < end and frame[o] != 0:
        if frame[o] == 1:
            o += 1
            continue
        n = frame[o + 1] if o + 1 < len(frame) else 0
        if n < 2 or o + n > end:
            break
        if frame[o] == 68 and n >= 4:
            pointer, step = frame[o + 2], 4 if frame[o + 3] & 15 == 0 else 8
            for p in range(5, n - step + 2, step):
                q = o + p - 1 + step - 4
                if p < pointer and any(frame[q:q + 4]):
                    out.append(q)
        o += n
    return out


def _quoted_timestamps(frame, h):
    """The same, in the packet that an ICMP error quotes."""
    q = h.l4 + 8
    if h.proto != 1 or h.off or len(frame) < q + 20 or frame[h.l4] not in (3, 4, 5, 11, 12):
        return []
    end = q + (frame[q] & 15) * 4
    return _timestamps(frame, q, end) if len(frame) >= end else []


def wild(frame, injected_ids):
    """[(offset, length, field, group key or None)] of bytes nobody can predict."""
    h, out = Header.read(frame), []
    if not h:
        return out
    if h.id not in injected_ids and (h.id or not h.df):
        out.append((ETH + 4, 2, 'ip.id', ('id', h.src, h.dst, h.proto, h.id)))
    out += [(q, 4, 'ip.opt.timestamp', None) for q in _timestamps(frame, ETH, h.l4)]
    if out:
        out.append((ETH + 10, 2, 'ip.checksum', None))
    quoted = _quoted_timestamps(frame, h)
    if quoted:
        out += [(h.l4 + 2, 2, 'icmp.checksum', None)] + [(q, 4, 'quoted.opt.timestamp', None) for q in quoted]
    if h.proto == 1 and h.off == 0 and len(frame) >= h.l4 + 20 and frame[h.l4] == 14:
        out += [(h.l4 + 2, 2, 'icmp.checksum', None), (h.l4 + 12, 8, 'icmp.timestamps', None)]
    return sorted(out, key=lambda w: w[0])


def delay(scn, after, ms):
    """How long after its cause a frame came."""
    return ms - (scn['inject'][after]['t'] if after >= 0 else 0)


def expectation(scn, obs):
    """The `expect` of a scenario, from what was observed."""
    ids = {h.id for h in (Header.read(bytes.fromhex(i['hexframe'])) for i in scn['inject']) if h}
    any_of, groups, out = scn.get('any_of', {}), {}, []
    order = {i['name']: k for k, i in enumerate(scn['config']['ifaces'])}
    for n, (dev, frame, after, ms) in enumerate(sorted(obs['out'], key=lambda o: (o[2], order[o[0]]))):
        spots = wild(frame, ids)
        if any_of.get('what') == 'dst-mac' and Header.read(frame):
            spots.insert(0, (0, 6, 'eth.dst', ('mac',) if any_of.get('consistent') else None))
        hexes, rows = ['%02x' % b for b in frame], []
        for off, length, name, key in spots:
            hexes[off:off + length] = ['..'] * length
            row = {'off': off, 'len': length, 'field': name}
            if key:
                row['group'] = groups.setdefault(key, 'g%d' % (len(groups) + 1))
            rows.append(row)
        e = {'dev': dev, 'hexframe': ''.join(hexes), 'after_inject': after}
        if rows:
            e['wild'] = rows
        if delay(scn, after, ms) > TIMER_MS:
            e['delay_ms'] = int(round(delay(scn, after, ms)))
        bad = bad_checksums(frame)
        if bad:
            e['bad_checksums'] = bad
        out.append(e)
    exp = {'out': out, 'counters': dict(sorted(obs['counters'].items()))}
    if 'neigh' in obs:
        exp['neigh'] = sorted(obs['neigh'], key=lambda n: (n['dev'], n['dst']))
    return exp


def _bytes(want, got):
    """The first field in which a frame is not the expected one, or None."""
    if len(want) != 2 * len(got):
        return 'length %d, expected %d; got %s' % (len(got), len(want) // 2, got.hex())
    seen = got.hex()
    wrong = [i for i in range(len(got)) if want[2 * i] != '.' and want[2 * i:2 * i + 2] != seen[2 * i:2 * i + 2]]
    if not wrong:
        return None
    for a, b, name in fields(got):
        if a <= wrong[0] < b:
            b = min(b, a + 16) if name == 'payload' and wrong[0] < a + 16 else b
            if name == 'payload':
                a = max(a, wrong[0] - 2)
                b = min(b, a + 16)
            return '%s: %s, expected %s%s' % (name, seen[2 * a:2 * b], want[2 * a:2 * b],
                                              ' (byte %d)' % wrong[0] if name in ('payload', 'ip.options') else '')
    return 'byte %d' % wrong[0]


def _frame(where, scn, e, o, bind):
    """Differences of one frame from the expected one."""
    dev, frame, after, ms = o
    any_of, out = scn.get('any_of', {}), []
    d = _bytes(e['hexframe'], frame)
    if d:
        return ['%s %s' % (where, d)]
    if any_of.get('what') == 'dst-mac' and Header.read(frame) and mac_text(frame[:6]) not in any_of['values']:
        out.append('%s eth.dst: %s is none of the next hops' % (where, mac_text(frame[:6])))
    for w in e.get('wild', []):
        v = frame[w['off']:w['off'] + w['len']]
        if 'group' in w and bind.setdefault(w['group'], v) != v:
            out.append('%s %s: %s, expected %s as in the others of group %s' %
                       (where, w['field'], v.hex(), bind[w['group']].hex(), w['group']))
    bad = bad_checksums(frame)
    if bad != e.get('bad_checksums', []):
        out.append('%s wrong checksums: %s, expected %s' % (where, bad, e.get('bad_checksums', [])))
    if after != e['after_inject']:
        out.append('%s after_inject: %d, expected %d' % (where, after, e['after_inject']))
    got, want = delay(scn, after, ms), e.get('delay_ms', 0)
    if abs(got - want) > max(60, 0.15 * max(got, want)):
        out.append('%s delay_ms: %d, expected %d' % (where, got, want))
    return out


def _near(scn, e, o):
    """Did a frame come when it was expected, give or take the grain of the kernel's timers?"""
    dev, _, after, ms = o
    if delay(scn, after, ms) <= TIMER_MS and e.get('delay_ms', 0) <= TIMER_MS:
        return after == e['after_inject']
    want = ms_of(scn, e)
    return abs(ms - want) <= max(60, 0.15 * max(ms, want))


def _unordered(scn, exp, obs):
    """frames() where timers of one instant may fire in any order: each frame has a partner of about its time."""
    bind, left, out = {}, list(obs['out']), []
    for e in exp['out']:
        for o in left:
            if o[0] != e['dev'] or not _near(scn, e, o):
                continue
            here = dict(bind)
            same_time = (o[0], o[1], e['after_inject'], ms_of(scn, e))
            if not _frame('', scn, e, same_time, here):
                bind = here
                left.remove(o)
                break
        else:
            out.append('%s: missing after inject %d, +%d ms: %s' %
                       (e['dev'], e['after_inject'], e.get('delay_ms', 0), e['hexframe']))
    return out + ['%s: too many after inject %d, +%d ms: %s' % (o[0], o[2], delay(scn, o[2], o[3]), o[1].hex())
                  for o in left]


def ms_of(scn, e):
    """When an expected frame comes, in ms since the start."""
    return e.get('delay_ms', 0) + (scn['inject'][e['after_inject']]['t'] if e['after_inject'] >= 0 else 0)


def frames(scn, exp, obs):
    """Differences of the emitted frames; order counts within a device, except between timers ("timing" scenarios)."""
    if scn.get('timing'):
        return _unordered(scn, exp, obs)
    out, bind = [], {}
    for dev in sorted({e['dev'] for e in exp['out']} | {o[0] for o in obs['out']}):
        want = [e for e in exp['out'] if e['dev'] == dev]
        got = [o for o in obs['out'] if o[0] == dev]
        for n, (e, o) in enumerate(zip(want, got)):
            out += _frame('%s[%d]' % (dev, n), scn, e, o, bind)
        if len(want) > len(got):
            e = want[len(got)]
            out.append('%s: %d frames, expected %d; missing after inject %d: %s' %
                       (dev, len(got), len(want), e['after_inject'], e['hexframe']))
        elif len(got) > len(want):
            o = got[len(want)]
            out.append('%s: %d frames, expected %d; too many after inject %d: %s' %
                       (dev, len(got), len(want), o[2], o[1].hex()))
    return out


def counters(exp, obs):
    """Differences of the counters' changes."""
    want, got = exp['counters'], obs['counters']
    return ['counter %s: %d, expected %d' % (k, got.get(k, 0), want.get(k, 0))
            for k in sorted(set(want) | set(got)) if got.get(k, 0) != want.get(k, 0)]


def neighbours(exp, obs):
    """Differences of the neighbour table."""
    if 'neigh' not in exp:
        return []
    rows = [{(n['dev'], n['dst']): (n['lladdr'], n['state']) for n in x['neigh']} for x in (exp, obs)]
    return ['neigh %s %s: %s, expected %s' % (k + (rows[1].get(k), rows[0].get(k)))
            for k in sorted(set(rows[0]) | set(rows[1])) if rows[0].get(k) != rows[1].get(k)]


def differences(scn, exp, obs):
    """Everything in which an observation is not as expected."""
    return frames(scn, exp, obs) + counters(exp, obs) + neighbours(exp, obs)


def core_names(path):
    """The functions marked `core` in journey-functions.txt."""
    with open(path) as f:
        rows = [line.split('\t') for line in f if line.strip() and line[0] != '#']
    return {r[0] for r in rows if 'core' in r[1].split(',')}


def _reasons(e):
    return sorted(d['reason'] for d in e.get('drops', []) + e.get('later', {}).get('drops', []))


def fate(exp, got, core):
    """Differences of the fates: reasons of each frame in any order; first entries of core functions in order."""
    if not isinstance(got, list) or len(exp) != len(got):
        return ['fate: %s frames, expected %d' % (len(got) if isinstance(got, list) else got, len(exp))]
    out = []
    for n, (e, g) in enumerate(zip(exp, got)):
        if _reasons(e) != _reasons(g):
            out.append('fate[%d] dropped for %s, expected %s' % (n, _reasons(g), _reasons(e)))
        seen, rest = set(), iter(g.get('journey', []))
        for f in e.get('journey', []):
            if f not in core or f in seen:
                continue
            seen.add(f)
            if f not in rest:
                out.append('fate[%d] journey lacks %s (in this place): %s' % (n, f, ' '.join(g.get('journey', []))))
                break
    return out
