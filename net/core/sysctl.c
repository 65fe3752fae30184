// SPDX-License-Identifier: BSD-2-Clause
/* net/core/sysctl.c - the tree of settings below /proc/sys/net, one per namespace.
 *
 * DOC: Settings
 * A module registers a table of settings under a directory; a directory may hold several tables. Tables hang in a
 * hash by directory, so a lookup splits the path once and looks through one directory. What the text of a value may
 * be is the handler's business (sysctl_handlers.c).
 * Names: registered paths are separated by '/', so that an interface "e0.1" is one name. Keys handed in follow
 * sysctl(8): if the first separator is a dot, dots separate and a slash stands for a dot; if it is a slash, the key
 * is a path as it is.
 */
#include "net/sysctl.h"

#include <stdlib.h>

#define SYSCTL_HASH_ENTRIES 256
#define SYSCTL_KEY_MAX	    256

/**
 * struct ctl_table_header - one registered table
 * @dir: path of the directory, without a slash at its end
 */
struct ctl_table_header {
	struct hlist_node hash;
	struct list_head list;
	struct net *net;
	unsigned n;
	char *dir;
	struct ctl_table table[];
};

struct ctl_table_root {
	struct hlist_head hash[SYSCTL_HASH_ENTRIES];
	struct list_head headers;
	unsigned count;
};

static struct hlist_head *sysctl_bucket(struct ctl_table_root *root, const char *dir, size_t len)
{
	u32 h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (u8)dir[i]) * 16777619u;
	return &root->hash[(h ^ (h >> 16)) % SYSCTL_HASH_ENTRIES];
}

static const struct ctl_table *sysctl_find_in(struct net *net, const char *dir, size_t len,
					      const char *name)
{
	struct ctl_table_header *h;
	unsigned i;

	hlist_for_each_entry(h, sysctl_bucket(net->sysctls, dir, len), hash) {
		if (strncmp(h->dir, dir, len) || h->dir[len])
			continue;
		for (i = 0; i < h->n; i++) {
			if (!strcmp(h->table[i].procname, name))
				return &h->table[i];
		}
	}
	return NULL;
}

static bool sysctl_is_dir(struct net *net, const char *path)
{
	struct ctl_table_header *h;
	size_t len = strlen(path);

	list_for_each_entry(h, &net->sysctls->headers, list) {
		if (!strncmp(h->dir, path, len) && (!h->dir[len] || h->dir[len] == '/'))
			return true;
	}
	return false;
}

/* sysctl_key_to_path() - "net.ipv4.conf.e0/1.tag" becomes "net/ipv4/conf/e0.1/tag"; false: too long */
static bool sysctl_key_to_path(const char *key, char path[SYSCTL_KEY_MAX])
{
	size_t len = strlen(key), i;
	bool dotted = key[strcspn(key, "./")] == '.';

	if (!len || len >= SYSCTL_KEY_MAX)
		return false;
	for (i = 0; i <= len; i++) {
		char c = key[i];

		if (dotted && (c == '.' || c == '/'))
			c = c == '.' ? '/' : '.';
		path[i] = c;
	}
	return true;
}

static int sysctl_find(struct net *net, const char *key, const struct ctl_table **t)
{
	char path[SYSCTL_KEY_MAX];
	char *slash;

	if (!sysctl_key_to_path(key, path))
		return -ENOENT;
	slash = strrchr(path, '/');
	if (slash) {
		*t = sysctl_find_in(net, path, (size_t)(slash - path), slash + 1);
		if (*t)
			return 0;
	}
	return sysctl_is_dir(net, path) ? -EISDIR : -ENOENT;
}

/**
 * register_net_sysctl() - add a table of settings to a directory
 * @path:  "net/ipv4/conf/e0"; it comes to be with its first table
 * @table: @n settings; copied, but the names and the data they point at stay the caller's
 * Return: handle for unregister_net_sysctl(); NULL: no memory, or a name is there already
 */
struct ctl_table_header *register_net_sysctl(struct net *net, const char *path,
					     const struct ctl_table *table, unsigned n)
{
	struct ctl_table_header *h;
	size_t len = strlen(path);
	unsigned i;

	for (i = 0; i < n; i++) {
		if (sysctl_find_in(net, path, len, table[i].procname))
			return NULL;
	}
	h = skiff_zalloc(net->skiff, sizeof(*h) + n * sizeof(*table));
	if (!h)
		return NULL;
	h->dir = skiff_strdup(net->skiff, path);
	if (!h->dir) {
		skiff_free(net->skiff, h);
		return NULL;
	}
	h->net = net;
	h->n = n;
	memcpy(h->table, table, n * sizeof(*table));
	hlist_add_head(&h->hash, sysctl_bucket(net->sysctls, path, len));
	list_add_tail(&h->list, &net->sysctls->headers);
	net->sysctls->count += n;
	return h;
}

/** unregister_net_sysctl() - take a table out again; NULL is harmless */
void unregister_net_sysctl(struct ctl_table_header *h)
{
	struct skiff *skiff;

	if (!h)
		return;
	skiff = h->net->skiff;
	h->net->sysctls->count -= h->n;
	hlist_del(&h->hash);
	list_del(&h->list);
	skiff_free(skiff, h->dir);
	skiff_free(skiff, h);
}

/**
 * sysctl_set() - change a setting as writing its file below /proc/sys does
 * @value: text; a newline at its end is allowed
 * Return: 0; -ENOENT, -EISDIR (no such file), -EACCES (not writable), -EINVAL (what the handler refuses)
 */
int sysctl_set(struct net *net, const char *key, const char *value)
{
	const struct ctl_table *t;
	size_t len = strlen(value);
	int err = sysctl_find(net, key, &t);

	if (err)
		return err;
	if (!(t->mode & 0200))
		return -EACCES;
	/* A page is the most that one write may bring; the buffer is read only. */
	if (len >= 4096)
		return -EINVAL;
	err = t->handler(net, t, true, (char *)value, len);
	return err < 0 ? err : 0;
}

/**
 * sysctl_get() - the text of a setting, without newline
 * Return: its length (maybe more than fits in @size), or -ENOENT, -EISDIR, -EACCES
 */
int sysctl_get(struct net *net, const char *key, char *buf, size_t size)
{
	const struct ctl_table *t;
	int err = sysctl_find(net, key, &t);

	if (err)
		return err;
	if (!(t->mode & 0400))
		return -EACCES;
	return t->handler(net, t, false, buf, size);
}

static int key_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* sysctl_key() - the dotted key of one setting, allocated */
static char *sysctl_key(const struct ctl_table_header *h, const struct ctl_table *t)
{
	size_t dlen = strlen(h->dir), i;
	char *key = skiff_alloc(h->net->skiff, dlen + strlen(t->procname) + 2);

	if (!key)
		return NULL;
	for (i = 0; i < dlen; i++)
		key[i] = h->dir[i] == '/' ? '.' : h->dir[i] == '.' ? '/' : h->dir[i];
	key[dlen] = '.';
	strcpy(key + dlen + 1, t->procname);
	return key;
}

/** sysctl_walk() - call @fn with every key, sorted; calls nothing when out of memory */
void sysctl_walk(struct net *net, void (*fn)(void *arg, const char *key), void *arg)
{
	unsigned count = net->sysctls->count, n = 0, i;
	char **keys = skiff_alloc(net->skiff, (count + 1) * sizeof(*keys));
	struct ctl_table_header *h;

	if (!keys)
		return;
	list_for_each_entry(h, &net->sysctls->headers, list) {
		for (i = 0; i < h->n; i++) {
			keys[n] = sysctl_key(h, &h->table[i]);
			if (keys[n])
				n++;
		}
	}
	qsort(keys, n, sizeof(*keys), key_cmp);
	for (i = 0; i < n; i++) {
		if (n == count)
			fn(arg, keys[i]);
		skiff_free(net->skiff, keys[i]);
	}
	skiff_free(net->skiff, keys);
}

static int sysctl_net_init(struct net *net)
{
	net->sysctls = skiff_zalloc(net->skiff, sizeof(*net->sysctls));
	if (!net->sysctls)
		return -ENOMEM;
	INIT_LIST_HEAD(&net->sysctls->headers);
	return 0;
}

static void sysctl_net_exit(struct net *net)
{
	struct ctl_table_header *h, *next;

	list_for_each_entry_safe(h, next, &net->sysctls->headers, list)
		unregister_net_sysctl(h);
	skiff_free(net->skiff, net->sysctls);
	net->sysctls = NULL;
}

const struct pernet_operations sysctl_pernet_ops = { "sysctl", sysctl_net_init, sysctl_net_exit };
