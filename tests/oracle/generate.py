# SPDX-License-Identifier: BSD-2-Clause
"""New random scenarios from a seed."""
import random

from gen_config import World
from gen_traffic import Traffic

TIMING_SHARE = 0.08     # of the scenarios also wait for timers
FRAMES_MAX = 60
SETTLED_MS = 3200       # reassembly, resolution and what follows from them have ended


def scenario(seed, number):
    """Scenario `number` of a seed: the same for ever (until the generator changes)."""
    rnd = random.Random('%s/%d' % (seed, number))
    timing = rnd.random() < TIMING_SHARE
    world = World(rnd, timing)
    traffic, inject, t = Traffic(world), [], 0
    for _ in range(rnd.choice((1, 2, 3, 4, 5, 6, 8)) if not timing else rnd.choice((1, 2, 3))):
        for dev, frame in traffic.burst():
            if len(inject) < FRAMES_MAX:
                inject.append({'dev': dev, 'hexframe': frame.hex(), 't': t})
            t += 1 if len(inject) > 12 else 2
        if timing:
            t += rnd.choice((0, 150, 330, 700, 1500))
    scn = {'name': 'random-%s-%d' % (seed, number), 'topic': 'random', 'description': 'generated from seed %s, number %d' % (seed, number),
           'config': world.config, 'inject': inject, 'settle_ms': 12, 'watch_neigh': True}
    if timing:
        scn['settle_ms'] = SETTLED_MS
        scn['timing'] = True
    if world.any_of:
        scn['any_of'] = world.any_of
    return scn


def prune(scn, refused):
    """Take out the items of a configuration that the kernel refused (see kernel.Namespace.words); note them as `refused`."""
    cfg = scn['config']
    if refused:
        scn['refused'] = [{'line': r[3], 'why': r[4]} for r in refused]
    for key, k, sub, *_ in sorted(refused, key=lambda r: (r[0], r[1], r[2] or 0), reverse=True):
        if key == 'ifaces':
            del cfg['ifaces'][k]['addrs'][sub]
        else:
            del cfg[key][k]
    return scn
