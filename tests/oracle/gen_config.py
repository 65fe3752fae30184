# SPDX-License-Identifier: BSD-2-Clause
"""Random configurations: interfaces, addresses, neighbours, routes, rules, nexthops and settings.

Dice are thrown by one random.Random only, so a seed gives the same scenario everywhere. Most configurations are
sensible, since nonsense tests little; each has a few odd things."""
from packet import number, text

ODD_ADDRS = ('0.0.0.0', '0.0.0.1', '127.0.0.1', '127.1.2.3', '224.0.0.1', '224.0.0.9', '239.1.1.1', '240.0.0.1',
             '255.255.255.255', '169.254.1.1', '100.64.0.1', '192.0.2.7', '8.8.8.8')
TABLES = (100, 101, 200, 1000)


def net_of(local):
    """(network number, prefix length, host number) of "a.b.c.d/n"."""
    a, _, n = local.partition('/')
    n = int(n or 32)
    mask = (0xffffffff << (32 - n)) & 0xffffffff
    return number(a) & mask, n, number(a)


def broadcast(local):
    """The broadcast address of a prefix, dotted."""
    net, n, _ = net_of(local)
    return text(net | (0xffffffff >> n)) if n < 32 else text(net)


class World:
    """A configuration in the making and what is known about it."""

    def __init__(self, rnd, timing=False):
        self.rnd, self.timing = rnd, timing
        self.config = {'ifaces': [], 'lo_addrs': [], 'neigh': [], 'routes': [], 'rules': [], 'sysctl': []}
        self.subnets = []       # (dev, local "a/n")
        self.locals = []        # own addresses
        self.hosts = []         # (dev, address, mac, known): neighbours on the wire
        self.remote = []        # addresses behind routes
        self.any_of = None
        self.interfaces()
        for dev, local in list(self.subnets):
            self.neighbours(dev, local)
        self.loopback()
        self.nexthops()
        self.routes()
        self.rules()
        if self.chance(.15):
            for _ in range(self.rnd.choice((1, 2, 4))):
                self.doubtful()
        self.settings()

    def chance(self, p):
        return self.rnd.random() < p

    def names(self):
        return [i['name'] for i in self.config['ifaces']]

    # -- interfaces and addresses

    def interfaces(self):
        r = self.rnd
        for k in range(r.choice((2, 2, 2, 3, 3, 4))):
            i = {'name': 'e%d' % k, 'mac': '02:dd:00:00:00:%02x' % k, 'mtu': 1500, 'up': True, 'addrs': []}
            if self.chance(.15):
                i['mtu'] = r.choice((68, 256, 576, 600, 1000, 1280, 1400, 1492, 9000))
            if k and self.chance(.02):
                i['up'] = False
            self.config['ifaces'].append(i)
            self.addresses(i, k)

    def addresses(self, i, k):
        r = self.rnd
        kind = r.random()
        base = '10.0.%d' % k
        if kind < .70:
            self.address(i, base + '.1/24', brd=self.chance(.85))
        elif kind < .76:
            self.address(i, base + '.1/%d' % r.choice((25, 26, 28, 29, 30)), brd=self.chance(.6))
        elif kind < .80:
            self.address(i, base + '.0/31')
        elif kind < .84:
            self.address(i, base + '.1/32')
        elif kind < .88:
            self.address(i, base + '.1', peer=base + '.2' + r.choice(('', '/32', '/24')))
        elif kind < .92:
            self.address(i, '10.0.%d.1/%d' % (k, r.choice((16, 20, 22))), brd=self.chance(.6))
        elif kind < .96:
            self.address(i, '172.16.%d.1/24' % k, brd=True)
        if self.chance(.12):
            self.address(i, base + '.%d/24' % r.choice((4, 5, 77)), brd=self.chance(.5))
        if self.chance(.10):
            self.address(i, '192.168.%d.1/24' % k, brd=True)
        if self.chance(.06):
            self.address(i, '10.5.%d.1/%d' % (k, r.choice((24, 28, 32))), scope=r.choice(('link', 'host', 'site')))
        if self.chance(.03):
            self.address(i, '10.0.0.9/32')

    def address(self, i, local, brd=False, peer=None, scope=None):
        a = {'local': local}
        if peer:
            a['peer'] = peer
        elif brd and net_of(local)[1] < 31:
            a['brd'] = broadcast(local)
        if scope:
            a['scope'] = scope
        i['addrs'].append(a)
        self.locals.append(local.partition('/')[0])
        on_link = (peer if '/' in peer else peer + '/32') if peer else local
        self.subnets.append((i['name'], on_link))

    def loopback(self):
        if self.chance(.2):
            a = {'local': self.rnd.choice(('10.99.99.1/32', '10.98.0.1/24', '192.168.77.1/32'))}
            if self.chance(.3):
                a['scope'] = self.rnd.choice(('host', 'link', 'global'))
            self.config['lo_addrs'].append(a)
            self.locals.append(a['local'].partition('/')[0])
            if a['local'].endswith('/24'):
                self.locals.append('10.98.0.200')

    def neighbours(self, dev, local):
        net, n, host = net_of(local)
        mine = {number(a) for a in self.locals}
        free = [a for a in ([net, net + 1] if n == 31 else [net] if n == 32 else [net + k for k in (2, 3, 4, 6)])
                if n >= 31 or net < a < net + (1 << (32 - n)) - 1]
        for a in free:
            if a in mine or a == host and n == 32 and len(free) > 1:
                continue
            k = int(dev[1:])
            mac = '02:aa:00:00:%02x:%02x' % (k, a & 0xff)
            known = self.chance(.75)
            self.hosts.append((dev, text(a), mac, known))
            if known and not any(x['dev'] == dev and x['dst'] == text(a) for x in self.config['neigh']):
                self.config['neigh'].append({'dev': dev, 'dst': text(a), 'lladdr': mac})
                if self.chance(.04):
                    self.config['neigh'][-1]['state'] = self.rnd.choice(('noarp', 'stale', 'reachable'))

    # -- routes

    def gateway(self, dev=None):
        """(dev, address) of a neighbour to route through, or None."""
        up = {i['name'] for i in self.config['ifaces'] if i['up']}
        c = [h for h in self.hosts if h[0] in up and (dev is None or h[0] == dev)]
        if not c:
            return None
        known = [h for h in c if h[3]]
        h = self.rnd.choice(known if known and self.chance(.9) else c)
        return h[0], h[1]

    def nexthops(self):
        self.groups = []
        if not self.chance(.15):
            return
        hops, ids = [], []
        for n in range(self.rnd.choice((1, 2, 3))):
            g = self.gateway()
            args = ['blackhole'] if self.chance(.15) else ['via', g[1], 'dev', g[0]] if g else ['dev', 'e0']
            if self.chance(.1):
                args = ['dev', self.rnd.choice(self.names())]
            hops.append({'id': 7 + n, 'args': args})
            ids.append(7 + n)
        if self.chance(.4):
            hops.append({'id': 50, 'args': ['group', str(ids[0])]})
            ids.append(50)
        self.config['nexthops'] = hops
        self.groups = ids

    def multipath(self):
        """Two next hops on one device; which one is taken is free, so the judge has to know both."""
        dev = self.rnd.choice(self.names())
        macs = {h[1]: h[2] for h in self.hosts if h[0] == dev and h[3]}
        one = self.rnd.choice(sorted(macs) or [''])         # of one subnet, or the source address would tell
        macs = {a: m for a, m in macs.items() if a.rpartition('.')[0] == one.rpartition('.')[0]}
        if len(macs) < 2 or self.any_of:
            return None
        pick = self.rnd.sample(sorted(macs), 2)
        values = sorted({h[2] for h in self.hosts} | {'ff:ff:ff:ff:ff:ff'})
        self.any_of = {'what': 'dst-mac', 'values': values, 'consistent': False}
        return [{'via': a, 'dev': dev, 'weight': self.rnd.choice((1, 1, 2, 10))} for a in pick]

    def route(self, dst, table=None):
        r, k = {'dst': dst}, self.rnd.random()
        g = self.gateway()
        if k < .12:
            r['type'] = self.rnd.choice(('unreachable', 'prohibit', 'blackhole', 'throw'))
        elif k < .15:
            r.update(type='local', dev=self.rnd.choice(self.names() + ['lo']))
        elif k < .17:
            r.update(type='broadcast', dev=self.rnd.choice(self.names()))
        elif k < .19:
            r.update(type='multicast', dev=self.rnd.choice(self.names()))
        elif k < .26 or not g:
            r['dev'] = self.rnd.choice(self.names())
        elif k < .29:
            r.update(via='10.200.0.%d' % self.rnd.randrange(1, 5), dev=self.rnd.choice(self.names()), onlink=True)
        elif k < .34 and self.groups:
            r['nhid'] = self.rnd.choice(self.groups)
        elif k < .37:
            hops = self.multipath()
            if hops:
                r['nexthops'] = hops
            else:
                r.update(via=g[1], dev=g[0])
        else:
            r['via'] = g[1]
            if self.chance(.85):
                r['dev'] = g[0]
        if table:
            r['table'] = table
        elif r.get('type') in ('local', 'broadcast') and self.chance(.5):
            r['table'] = 'main'
        unicast = 'type' not in r
        if self.chance(.12):
            r['metric'] = self.rnd.choice((1, 10, 100, 4294967295))
        if self.chance(.10):
            r['tos'] = '0x%x' % self.rnd.choice((4, 8, 0x10, 0x18, 0x1c, 0x28, 0xe0))
        if unicast and self.chance(.12):
            r['mtu'] = self.rnd.choice((68, 256, 576, 600, 1000, 1280, 2000))
            if self.chance(.4):
                r['mtu_lock'] = True
        if unicast and self.chance(.08) and self.locals:
            r['src'] = self.rnd.choice(self.locals)
        if unicast and 'via' not in r and 'nexthops' not in r and 'nhid' not in r and self.chance(.1):
            r['scope'] = self.rnd.choice(('link', 'host', 'global'))
        return r

    def routes(self):
        r = self.rnd
        nets = ['10.9.0.0/16', '10.9.0.0/24', '10.9.0.5/32', '10.8.0.0/16', '172.20.0.0/16', '192.0.2.0/24', 'default',
                '10.0.0.0/8', '10.9.128.0/17', '10.0.%d.64/26' % r.randrange(3), '203.0.113.0/29', '10.0.0.0/16']
        seen = set()
        for _ in range(r.choice((0, 1, 1, 2, 2, 3, 4, 6))):
            route = self.route(r.choice(nets[:7] if self.chance(.8) else nets))
            key = (route['dst'], route.get('table'), route.get('tos'), route.get('metric'))
            if key in seen:
                continue
            seen.add(key)
            self.config['routes'].append(route)
        for route in self.config['routes']:
            self.reachable(route['dst'])
        self.reachable(r.choice(nets))

    def reachable(self, dst):
        if dst == 'default':
            self.remote += ['198.51.100.%d' % self.rnd.randrange(1, 255), '10.9.0.5']
            return
        net, n, _ = net_of(dst)
        self.remote.append(text(net + (self.rnd.choice((1, 5, 5, 200, 255)) & (0xffffffff >> n))))

    def rules(self):
        r = self.rnd
        if not self.chance(.28):
            return
        used = set()
        for _ in range(r.choice((1, 1, 2, 3))):
            rule = {'pref': r.choice((10, 50, 100, 200, 300, 32767, 40000))}
            if rule['pref'] in used:
                continue
            used.add(rule['pref'])
            self.selectors(rule)
            k = r.random()
            if k < .60:
                rule['table'] = r.choice(TABLES + ('main', 'local', 'default'))
                if self.chance(.15):
                    rule['suppress_prefixlength'] = r.choice((0, 8, 16, 24))
            elif k < .70:
                rule.update(action='goto', goto=r.choice((32766, 32767, 500)))
                if rule['goto'] <= rule['pref']:
                    rule['goto'] = 50000
            else:
                rule['action'] = r.choice(('unreachable', 'prohibit', 'blackhole', 'nop'))
            self.config['rules'].append(rule)
        tables = {x['table'] for x in self.config['rules'] if x.get('table') in TABLES}
        for t in sorted(tables):
            for dst in r.sample(('default', '10.9.0.0/16', '10.8.0.0/16', '10.0.0.0/24'), r.choice((1, 1, 2))):
                self.config['routes'].append(self.route(dst, t))
                self.reachable(dst)

    def selectors(self, rule):
        r = self.rnd
        host = r.choice(self.hosts)[1] if self.hosts else '10.0.0.2'
        rule['from'] = r.choice(('all', 'all', host, host + '/24' if host.endswith('.0') else '10.0.0.0/24', '10.0.0.0/8'))
        if self.chance(.25):
            rule['to'] = r.choice(('10.9.0.0/24', '10.9.0.0/16', '10.8.0.0/16', r.choice(self.locals or ['10.0.0.1'])))
        if self.chance(.2):
            rule['iif'] = r.choice(self.names() + ['lo', 'e9'])
        if self.chance(.06):
            rule['oif'] = r.choice(self.names())
        if self.chance(.15):
            rule['tos'] = '0x%x' % r.choice((4, 8, 0x10, 0x1c))
        if self.chance(.08):
            rule['fwmark'] = r.choice((0, 1, '5/0xff', '0/0xff'))
        if self.chance(.15):
            rule['ipproto'] = r.choice(('udp', 'tcp', 'icmp'))
            if rule['ipproto'] != 'icmp' and self.chance(.6):
                rule[r.choice(('sport', 'dport'))] = r.choice(('9', '1-1024', '4000-4003', '53'))
        if self.chance(.12):
            rule['not'] = True

    # -- what a kernel may refuse

    def doubtful(self):
        """An item at the border of what is allowed: the kernel decides, skiff has to decide alike."""
        r, c, dev = self.rnd, self.config, self.rnd.choice(self.names())
        own = r.choice(self.locals or ['10.0.0.1'])
        iface = next(i for i in c['ifaces'] if i['name'] == dev)
        gw = self.gateway() or ('e0', '10.0.0.2')
        routes = [
            {'dst': '10.9.0.0/16', 'via': '10.200.0.9'}, {'dst': '10.9.0.0/16', 'via': own},
            {'dst': '10.9.0.0/16', 'via': own, 'dev': dev}, {'dst': '10.7.0.1/16', 'via': gw[1]},
            {'dst': '10.7.0.0/16', 'via': '10.0.0.255', 'dev': 'e0'}, {'dst': '10.7.0.0/16', 'via': gw[1], 'dev': dev},
            {'dst': '10.7.0.0/16', 'via': gw[1], 'scope': 'host'}, {'dst': '10.7.0.0/16', 'dev': dev, 'scope': 'nowhere'},
            {'dst': '10.7.0.0/16', 'via': gw[1], 'scope': 'link'}, {'dst': '10.7.0.0/16', 'via': gw[1], 'src': '9.9.9.9'},
            {'dst': '10.7.0.0/16', 'nhid': 99}, {'dst': '10.7.0.0/16', 'via': gw[1], 'tos': '0x3'},
            {'dst': '10.7.0.0/16', 'via': gw[1], 'table': 0}, {'dst': '10.7.0.0/16', 'via': gw[1], 'table': 5000},
            {'dst': '10.7.0.0/16', 'type': 'unreachable', 'dev': dev}, {'dst': '224.0.0.0/4', 'via': gw[1]},
            {'dst': '224.0.0.0/4', 'dev': dev}, {'dst': '127.0.0.0/8', 'dev': dev}, {'dst': '10.7.0.0/16', 'via': '224.0.0.1', 'dev': dev, 'onlink': True},
            {'dst': '10.7.0.0/16', 'via': own, 'dev': dev, 'onlink': True}, {'dst': '10.7.0.0/16', 'via': '127.0.0.1', 'dev': 'lo'},
            {'dst': '10.7.0.0/16', 'dev': 'lo'}, {'dst': '10.7.0.0/16', 'type': 'local', 'dev': dev, 'via': gw[1]},
            {'dst': '10.7.0.0/16', 'type': 'throw', 'table': 'local'}, {'dst': '10.7.0.0/16', 'via': gw[1], 'mtu': 0},
            {'dst': '10.7.0.0/16', 'via': gw[1], 'mtu': 100000}, {'dst': own + '/32', 'type': 'local', 'dev': dev, 'table': 'local'},
            {'dst': '10.7.0.0/16', 'type': 'local', 'dev': 'lo', 'scope': 'link'}, {'dst': '10.7.0.0/16', 'type': 'broadcast', 'dev': dev, 'table': 100},
            {'dst': '255.255.255.255/32', 'dev': dev}, {'dst': '0.0.0.0/8', 'via': gw[1]}, {'dst': '0.0.0.0/32', 'via': gw[1]}]
        rules = [
            {'pref': 0, 'from': 'all', 'table': 'main'}, {'pref': 32766, 'from': 'all', 'table': 'main'}, {'pref': 77, 'from': 'all', 'table': 0},
            {'pref': 77, 'from': '10.0.0.0/24', 'action': 'goto', 'goto': 50}, {'pref': 77, 'from': 'all', 'tos': '0x1', 'table': 100},
            {'pref': 77, 'from': 'all', 'tos': '0x40', 'table': 100}, {'pref': 77, 'from': 'all', 'sport': '10-5', 'table': 100},
            {'pref': 77, 'from': 'all', 'sport': '10', 'table': 100}, {'pref': 77, 'from': '10.0.0.1/24', 'table': 100},
            {'pref': 77, 'from': 'all', 'iif': dev, 'oif': dev, 'table': 'main'}, {'pref': 77, 'from': 'all', 'table': 'main', 'suppress_prefixlength': 33}]
        neigh = [{'dst': a, 'lladdr': '02:aa:00:00:00:99', 'dev': d} for a in ('224.0.0.1', '255.255.255.255', own, '10.77.0.1') for d in (dev, 'lo')]
        hops = [{'id': 7, 'args': ['blackhole']}, {'id': 90, 'args': ['via', '10.200.0.9', 'dev', dev]}, {'id': 91, 'args': ['via', own, 'dev', dev]},
                {'id': 92, 'args': ['group', '7/99']}, {'id': 93, 'args': ['dev', 'lo']}, {'id': 94, 'args': ['via', '10.200.0.9', 'dev', dev, 'onlink']},
                {'id': 95, 'args': ['group', '50']}, {'id': 96, 'args': ['group', '7,3/7']}]
        addrs = [{'local': own + '/24'}, {'local': '0.0.0.0/24'}, {'local': '224.0.0.5/24'}, {'local': '10.44.0.1/0'}, {'local': '127.0.0.9/8'},
                 {'local': '10.44.0.1/24', 'brd': '10.44.0.9'}, {'local': '10.44.0.1/24', 'brd': '255.255.255.255'}, {'local': '10.44.0.255/24'},
                 {'local': '10.44.0.0/24'}, {'local': '255.255.255.255/32'}, {'local': '10.45.0.1', 'peer': '10.44.0.2/16'}]
        key, items = r.choice((('routes', routes), ('routes', routes), ('rules', rules), ('neigh', neigh), ('nexthops', hops), ('addrs', addrs)))
        lst = iface['addrs'] if key == 'addrs' else c.setdefault(key, [])
        item = r.choice(items)
        lst.insert(r.randrange(len(lst) + 1), item)
        if key == 'routes' and self.chance(.5):
            self.reachable(item['dst'])

    # -- settings

    PER_DEVICE = (('rp_filter', '12', 5), ('accept_local', '1', 2), ('accept_redirects', '0', 1),
                  ('accept_source_route', '1', 4), ('send_redirects', '0', 2), ('secure_redirects', '0', 1),
                  ('shared_media', '0', 3), ('arp_accept', '12', 2), ('arp_announce', '12', 2), ('arp_filter', '1', 2),
                  ('arp_ignore', '12348', 4), ('arp_notify', '1', 1), ('drop_gratuitous_arp', '1', 1),
                  ('drop_unicast_in_l2_multicast', '1', 2), ('bc_forwarding', '1', 3), ('route_localnet', '1', 2),
                  ('src_valid_mark', '1', 1), ('promote_secondaries', '1', 1), ('log_martians', '1', 1),
                  ('forwarding', '0', 3), ('proxy_arp', '1', 4), ('proxy_arp_pvlan', '1', 1), ('bootp_relay', '1', 1),
                  ('ignore_routes_with_linkdown', '1', 1), ('mc_forwarding', '', 0), ('medium_id', '12', 1),
                  ('arp_evict_nocarrier', '0', 1), ('force_igmp_version', '123', 1))
    GLOBAL = (('ip_forward', '0'), ('icmp_echo_ignore_all', '1'), ('icmp_echo_ignore_broadcasts', '0'),
              ('icmp_echo_enable_probe', '1'), ('icmp_errors_use_inbound_ifaddr', '1'),
              ('icmp_ignore_bogus_error_responses', '0'), ('ip_default_ttl', '1'), ('ip_default_ttl', '255'),
              ('ip_no_pmtu_disc', '1'), ('ip_no_pmtu_disc', '3'), ('ip_forward_use_pmtu', '1'),
              ('ip_forward_update_priority', '0'), ('ipfrag_max_dist', '0'), ('ipfrag_max_dist', '1'),
              ('fib_multipath_use_neigh', '1'), ('icmp_ratelimit', '1000'), ('icmp_ratemask', '6168'),
              ('icmp_ratemask', '1'), ('fwmark_reflect', '1'), ('route.min_pmtu', '1000'),
              ('fib_multipath_hash_policy', '1'), ('igmp_link_local_mcast_reports', '0'), ('ip_nonlocal_bind', '1'),
              ('icmp_ratelimit', '0'), ('igmp_qrv', '1'))

    def set(self, key, value):
        self.config['sysctl'].append(['net.ipv4.' + key, str(value)])

    def settings(self):
        r = self.rnd
        for _ in range(r.choice((0, 0, 1, 1, 1, 2, 2, 3))):
            key, values, _ = r.choices(self.PER_DEVICE, [p[2] for p in self.PER_DEVICE])[0]
            value = r.choice(values)
            where = r.choice((['all'], r.sample(self.names(), 1), ['all', 'default'] + self.names(), ['all'] + self.names(), self.names()))
            for w in where:
                self.set('conf.%s.%s' % (w, key), value)
            if key == 'proxy_arp' or key == 'proxy_arp_pvlan':
                for n in self.names():
                    self.set('neigh.%s.proxy_delay' % n, 0)
        for _ in range(r.choice((0, 0, 0, 1, 1, 2))):
            self.set(*r.choice(self.GLOBAL))
        if self.chance(.04):
            self.set('neigh.%s.%s' % (r.choice(self.names()), r.choice(('mcast_solicit', 'mcast_resolicit', 'app_solicit'))), 1)
        if self.chance(.03) and self.hosts:
            h = r.choice(self.hosts)
            self.config['proxy_neigh'] = [{'dst': '10.0.%d.50' % r.randrange(3), 'dev': h[0]}]
            self.set('neigh.%s.proxy_delay' % h[0], 0)
        if self.any_of:     # a redirect would name the hop that happened to be chosen, a state tell it
            for n in self.config['neigh']:
                n.pop('state', None)
            for n in ['all'] + self.names():
                self.set('conf.%s.send_redirects' % n, 0)
                self.set('conf.%s.accept_redirects' % n, 0)     # which must come from the hop that was chosen
        if self.timing:
            self.timers()

    def timers(self):
        r = self.rnd
        self.set('ipfrag_time', r.choice((1, 1, 2)))
        for n in self.names():
            # Below 64 ticks of 4 ms the kernel's timers are exact to a tick; longer ones come up to 12 % late.
            self.set('neigh.%s.retrans_time_ms' % n, r.choice((100, 150, 240)))
            if self.chance(.4):
                self.set('neigh.%s.delay_first_probe_time' % n, 1)
            if self.chance(.2):
                self.set('neigh.%s.ucast_solicit' % n, r.choice((0, 1, 2)))
            if self.chance(.2):
                self.set('neigh.%s.mcast_solicit' % n, r.choice((0, 1, 2)))
            if self.chance(.1):
                self.set('neigh.%s.locktime' % n, r.choice((0, 30)))
        if self.chance(.2):
            self.set('icmp_ratelimit', r.choice((200, 1000)))
            self.set('icmp_ratemask', 6168)
        if self.chance(.2):
            self.set('route.mtu_expires', 1)
