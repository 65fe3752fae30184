/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/loss_test.c - loss, reordering and duplicates, packet by packet: what goes out when, and what the window is then.
 *
 * Every number has been seen on Linux 6.18: the scripts were played to it as well.
 */
#include "script.h"

#define RENO "tcp_congestion_control=reno tcp_no_metrics_save=1"

/* The third SACK above a hole: fast retransmit, PRR down to ssthresh, and all at once acknowledged. */
static void test_fast_retransmit(void **state)
{
	script_run(0, 100, RENO,
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:2001\n"
		   "is cwnd 10 state 1 sacked 1\n"
		   "< 1 1001:3001\n"
		   "< 1 1001:4001\n"
		   "> 1:1001\n"
		   "is cwnd 7 state 3 ssthresh 5 lost 1 retrans 1\n"
		   "< 1 1001:6001\n"
		   "< 1 1001:10001\n"
		   "is cwnd 5 state 3 sacked 9\n"
		   "+100\n"
		   "< 10001\n"
		   "is cwnd 5 state 0 ssthresh 5 unacked 0\n"
		   "mib TCPSackRecovery 1\n"
		   "mib TCPFastRetrans 1\n");
}

/* Two duplicates let new data out, one packet each (RFC 3042). */
static void test_limited_transmit(void **state)
{
	script_run(0, 100, RENO,
		   "write 20000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:2001\n"
		   "> 10001:11001\n"
		   "+2\n"
		   "< 1 1001:3001\n"
		   "> 11001:12001\n"
		   "is state 1\n"
		   "+2\n"
		   "< 1 1001:4001\n"
		   "> 1:1001\n"
		   "is state 3 ssthresh 5 cwnd 9\n"
		   "+2\n"
		   "< 1 1001:5001\n"
		   "is cwnd 8\n"
		   "+2\n"
		   "< 1 1001:6001\n"
		   "> 12001:13001\n"
		   "+2\n"
		   "< 1 1001:7001\n"
		   "is cwnd 7\n");
}

/* Without SACK: three duplicates, a partial ACK repairs the next hole, the state is held until high_seq is passed. */
static void test_newreno(void **state)
{
	script_run(SCRIPT_RENO, 100, RENO,
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1\n"
		   "< 1\n"
		   "< 1\n"
		   "> 1:1001\n"
		   "is cwnd 7 state 3 ssthresh 5\n"
		   "< 1\n"
		   "< 1\n"
		   "< 1\n"
		   "< 1\n"
		   "< 1\n"
		   "+100\n"
		   "< 4001\n"
		   "> 4001:5001\n"
		   "is state 3\n"
		   "+100\n"
		   "< 10001\n"
		   "is state 3 cwnd 5 unacked 0\n"
		   "write 2000\n"
		   "> 10001:12001\n"
		   "+100\n"
		   "< 12001\n"
		   "is state 0\n"
		   "mib TCPRenoRecovery 1\n");
}

/* The head was late: reordering within a quarter of the RTT costs nothing. */
static void test_reordering(void **state)
{
	script_run(0, 100, RENO,
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:2001\n"
		   "< 1 1001:3001\n"
		   "+10\n"
		   "< 3001\n"
		   "is cwnd 11 state 0\n"
		   "mib TCPSACKReorder 1\n"
		   "< 3001 4001:10001\n"
		   "is state 1 sacked 6\n"
		   "+20\n"
		   "is state 1\n"
		   "+8\n"
		   "> 3001:4001\n"
		   "is state 3 ssthresh 5\n");
}

/* A timeout: slow start from one packet, exponential back-off. */
static void test_timeout(void **state)
{
	script_run(0, 100, RENO " tcp_early_retrans=0 tcp_frto=0",
		   "write 10000\n"
		   "> 1:10001\n"
		   "+299\n"
		   "is state 0 rto 300\n"
		   "+1\n"
		   "> 1:1001\n"
		   "is state 4 cwnd 1 ssthresh 5 lost 10 retrans 1\n"
		   "+600\n"
		   "> 1:1001\n"
		   "+1200\n"
		   "> 1:1001\n"
		   "+100\n"
		   "< 1001\n"
		   "> 1001:3001\n"
		   "is cwnd 2 state 4\n"
		   "+100\n"
		   "< 3001\n"
		   "> 3001:7001\n"
		   "is cwnd 4\n");
}

/* F-RTO: new data after the timeout, and what arrives is the original flight: all is undone. */
static void test_frto(void **state)
{
	script_run(0, 100, RENO " tcp_early_retrans=0",
		   "write 15000\n"
		   "> 1:10001\n"
		   "+300\n"
		   "> 1:1001\n"
		   "is state 4 cwnd 1\n"
		   "< 1001\n"
		   "> 10001:12001\n"
		   "is state 4\n"
		   "+2\n"
		   "< 2001\n"
		   "> 12001:13001\n"
		   "is state 0 cwnd 11 lost 0\n"
		   "mib TCPSpuriousRTOs 1\n");
}

/* Tail loss: the last packet again after two round trips, and its SACK starts recovery. */
static void test_tail_loss_probe(void **state)
{
	script_run(0, 100, RENO,
		   "write 4000\n"
		   "> 1:4001\n"
		   "+201\n"
		   "+1\n"
		   "> 3001:4001\n"
		   "mib TCPLossProbes 1\n"
		   "+100\n"
		   "< 1001 3001:4001\n"
		   "is state 1\n"
		   "+1\n");
}

/* Each retransmission is reported as a duplicate: the window is what it was. */
static void test_dsack_undo(void **state)
{
	script_run(0, 100, RENO,
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:4001\n"
		   "> 1:1001\n"
		   "is state 3 ssthresh 5\n"
		   "+10\n"
		   "< 4001\n"
		   "is state 3\n"
		   "+90\n"
		   "< 4001 1:1001\n"
		   "is state 0 cwnd 10 ssthresh 2147483647\n"
		   "mib TCPDSACKUndo 1\n");
}

/* The ACK that fills the hole echoes a time stamp from before the retransmission (Eifel). */
static void test_timestamp_undo(void **state)
{
	script_run(SCRIPT_TS, 100, RENO,
		   "write 9880\n"
		   "> 1:9881\n"
		   "+100\n"
		   "< 1 989:3953 ecr 100\n"
		   "> 1:989\n"
		   "is state 3\n"
		   "+10\n"
		   "< 9881 ecr 100\n"
		   "is state 0 ssthresh 2147483647 cwnd 17\n"
		   "mib TCPFullUndo 1\n");
}

/* An echo halves once a window; the next new data carry CWR. */
static void test_ecn_echo(void **state)
{
	script_run(SCRIPT_ECN, 100, RENO " tcp_ecn=1",
		   "write 20000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "<ece 1001\n"
		   "> 10001:11001\n"
		   "is state 2 ssthresh 5 cwnd 10\n"
		   "<ece 2001\n"
		   "is cwnd 9\n"
		   "< 10001\n"
		   "> 11001:15001\n"
		   "is state 2 cwnd 5\n"
		   "+100\n"
		   "< 15001\n"
		   "> 15001:20001\n"
		   "is state 0 cwnd 6\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fast_retransmit), cmocka_unit_test(test_limited_transmit),
		cmocka_unit_test(test_newreno),		cmocka_unit_test(test_reordering),
		cmocka_unit_test(test_timeout),		cmocka_unit_test(test_frto),
		cmocka_unit_test(test_tail_loss_probe), cmocka_unit_test(test_dsack_undo),
		cmocka_unit_test(test_timestamp_undo),	cmocka_unit_test(test_ecn_echo),
	};

	return cmocka_run_group_tests_name("tcp-loss", tests, NULL, NULL);
}
