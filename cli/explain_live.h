/* SPDX-License-Identifier: BSD-2-Clause */
/* cli/explain_live.h - skiff explain --live. For cli/ only. */
#ifndef CLI_EXPLAIN_LIVE_H
#define CLI_EXPLAIN_LIVE_H

/** explain_live() - an exit status, or -1: called in a wrong way */
int explain_live(int argc, char **argv);

#endif
