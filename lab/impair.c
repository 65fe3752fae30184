// SPDX-License-Identifier: BSD-2-Clause
/* lab/impair.c - the fate of frames on one direction of an imperfect link.
 *
 * DOC: Impairments
 * Pure: given the time and a frame's length it says how many copies arrive, when, and which bit is wrong. The words
 * are netem's. A frame is lost or doubled first; what is left is sent at the link's rate, one frame after the other,
 * then travels for the delay. A reordered frame skips the delay, and so overtakes those before it. Every frame draws the
 * same number of random values whatever happens to it, so changing one share leaves the others' choices alone.
 */
#include "lab/impair.h"

#define MILLION 1000000u

/**
 * impair_init() - begin with an idle link
 */
void impair_init(struct impair *im, const struct impair_config *config)
{
	*im = (struct impair){ .config = *config };
	prng_seed(&im->prng, &config->seed, sizeof(config->seed));
}

/**
 * impair_is_plain() - does this link do nothing to frames?
 */
bool impair_is_plain(const struct impair_config *config)
{
	return !(config->delay || config->rate || config->loss || config->duplicate ||
		 config->corrupt || config->reorder);
}

static bool chance(struct impair *im, uint32_t share)
{
	return prng_u32_below(&im->prng, MILLION) < share;
}

/* When the last bit has left: the link sends one frame at a time. */
static uint64_t send_at_rate(struct impair *im, uint64_t now, size_t len)
{
	uint64_t start = im->busy_until > now ? im->busy_until : now;

	if (!im->config.rate)
		return now;
	im->busy_until =
		start + (uint64_t)((unsigned __int128)len * 8 * 1000000000u / im->config.rate);
	return im->busy_until;
}

/**
 * impair_frame() - what becomes of a frame of @len bytes handed to the link at @now
 * @now:  ns, never less than before
 * @copy: filled in for each copy that arrives
 * Return: number of copies, 0..2
 */
unsigned impair_frame(struct impair *im, uint64_t now, size_t len,
		      struct impair_copy copy[IMPAIR_COPIES_MAX])
{
	bool lost = chance(im, im->config.loss);
	bool doubled = chance(im, im->config.duplicate);
	bool corrupt = chance(im, im->config.corrupt);
	bool overtakes = chance(im, im->config.reorder);
	uint64_t bit = prng_u64(&im->prng);
	unsigned n = !lost + doubled;

	for (unsigned i = 0; i < n; i++) {
		copy[i].at = send_at_rate(im, now, len) + (overtakes ? 0 : im->config.delay);
		copy[i].bit = corrupt && len ? (int64_t)(bit % (len * 8)) : -1;
	}
	return n;
}
