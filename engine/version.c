// SPDX-License-Identifier: BSD-2-Clause
/* engine/version.c - which skiff this is. */
#include "skiff/skiff.h"

/**
 * skiff_version() - version of the library as linked, "major.minor.patch"
 */
const char *skiff_version(void)
{
	return SKIFF_VERSION;
}
