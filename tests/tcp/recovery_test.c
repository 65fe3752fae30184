/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/tcp/recovery_test.c - recovery in its rarer turns: many holes, retransmissions that are lost, receivers that change their mind, windows not used.
 *
 * Every number has been seen on Linux 6.18: the scripts were played to it as well.
 */
#include "script.h"

#define RENO "tcp_congestion_control=reno tcp_no_metrics_save=1"

/* Every second packet is lost: 64 KB segments are cut at each edge, and PRR rebuilds the window by what arrives. */
static void test_alternate_loss(void **state)
{
	script_run(0, 100, RENO,
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:2001\n"
		   "< 1 3001:4001 1001:2001\n"
		   "< 1 5001:6001 3001:4001 1001:2001\n"
		   "> 1:1001\n"
		   "is state 3 lost 3 sacked 3 retrans 1 ssthresh 5 cwnd 5\n"
		   "+2\n"
		   "< 1 7001:8001 5001:6001 3001:4001\n"
		   "> 2001:3001\n"
		   "is lost 4 sacked 4 retrans 2 cwnd 4\n"
		   "+2\n"
		   "< 1 9001:10001 7001:8001 5001:6001\n"
		   "> 4001:5001\n"
		   "is lost 5 sacked 5 retrans 3 cwnd 3\n"
		   "+96\n"
		   "< 2001 9001:10001 7001:8001 5001:6001\n"
		   "> 6001:7001\n"
		   "> 8001:9001\n"
		   "is cwnd 4\n"
		   "+2\n"
		   "< 4001 9001:10001 7001:8001 5001:6001\n"
		   "+2\n"
		   "< 6001 9001:10001 7001:8001\n"
		   "+96\n"
		   "< 8001 9001:10001\n"
		   "+2\n"
		   "< 10001\n"
		   "is state 0 cwnd 5 unacked 0\n");
}

/* A SACK that covers half a segment's packets cuts it at a multiple of the MSS. */
static void test_sack_edges(void **state)
{
	script_run(0, 100, RENO " tcp_early_retrans=0",
		   "write 8000\n"
		   "> 1:8001\n"
		   "+100\n"
		   "< 1 2501:4501\n"
		   "is sacked 1\n"
		   "< 1 2501:6001\n"
		   "is sacked 3 state 3\n"
		   "> 1:2001\n");
}

/* The retransmission is lost as well: something sent after it arrives, so it goes out once more. */
static void test_lost_retransmit(void **state)
{
	script_run(0, 100, RENO,
		   "write 20000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:4001\n"
		   "> 1:1001\n"
		   "> 10001:11001\n"
		   "+2\n"
		   "< 1 1001:7001\n"
		   "is state 3 cwnd 5\n"
		   "+2\n"
		   "< 1 1001:10001\n"
		   "> 11001:14001\n"
		   "is cwnd 5\n"
		   "+98\n"
		   "< 1 1001:12001\n"
		   "> 1:1001\n"
		   "> 14001:16001\n"
		   "is cwnd 5 lost 1\n"
		   "mib TCPLostRetransmit 1\n");
}

/* What was SACKed is taken back: after the timeout all of it goes out again. */
static void test_reneging(void **state)
{
	script_run(0, 100, RENO " tcp_early_retrans=0 tcp_frto=0",
		   "write 5000\n"
		   "> 1:5001\n"
		   "+100\n"
		   "< 1 1001:3001\n"
		   "is sacked 2\n"
		   "< 1001\n"
		   "is sacked 2\n"
		   "+60\n"
		   "> 1001:2001\n"
		   "is state 4 sacked 0 cwnd 1\n"
		   "mib TCPSACKReneging 1\n");
}

/* A probe of the tail that repaired a loss: the window is told. */
static void test_probe_recovers(void **state)
{
	script_run(0, 100, RENO,
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 9001\n"
		   "is cwnd 19 state 0\n"
		   "+302\n"
		   "> 9001:10001\n"
		   "+100\n"
		   "< 10001\n"
		   "is state 0 cwnd 20\n"
		   "write 1000\n"
		   "> 10001:11001\n"
		   "+100\n"
		   "< 11001\n"
		   "is state 0 cwnd 10 ssthresh 10\n"
		   "mib TCPLossProbeRecovery 1\n");
}

/* DSACKs widen the reordering window of RACK by a quarter of the RTT for each round. */
static void test_reo_wnd(void **state)
{
	script_run(0, 100, RENO " tcp_early_retrans=0",
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:4001\n"
		   "> 1:1001\n"
		   "+5\n"
		   "< 10001\n"
		   "+100\n"
		   "< 10001 1:1001\n"
		   "is state 0\n"
		   "mib TCPDSACKUndo 1\n"
		   "mib TCPSACKReorder 0\n");
}

/* A timeout that was none, told by the time stamp. */
static void test_eifel(void **state)
{
	script_run(SCRIPT_TS, 100, RENO " tcp_early_retrans=0 tcp_frto=0",
		   "write 4940\n"
		   "> 1:4941\n"
		   "+330\n"
		   "> 1:989\n"
		   "is state 4 cwnd 1 lost 5\n"
		   "< 4941 ecr 100\n"
		   "is state 0 cwnd 10 ssthresh 2147483647\n"
		   "mib TCPLossUndo 1\n");
}

/* Five packets in use of a window of forty, for longer than an RTO: half-way down. And after a pause, from the start. */
static void test_unused_window(void **state)
{
	script_run(0, 100, RENO,
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 10001\n"
		   "write 20000\n"
		   "> 10001:30001\n"
		   "+100\n"
		   "< 30001\n"
		   "is cwnd 40\n"
		   "write 5000\n"
		   "> 30001:35001\n"
		   "+100\n"
		   "< 35001\n"
		   "is cwnd 40\n"
		   "+900\n"
		   "write 5000\n"
		   "> 35001:40001\n"
		   "is cwnd 10\n"
		   "+100\n"
		   "< 40001\n");
}

/* CUBIC: seven tenths are left, and a timeout starts from one packet. */
static void test_cubic_loss(void **state)
{
	script_run(0, 100, "tcp_congestion_control=cubic tcp_no_metrics_save=1",
		   "write 10000\n"
		   "> 1:10001\n"
		   "+100\n"
		   "< 1 1001:4001\n"
		   "> 1:1001\n"
		   "is ssthresh 7 state 3 cwnd 7\n"
		   "+5\n"
		   "< 10001\n"
		   "is cwnd 8 state 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alternate_loss),	cmocka_unit_test(test_sack_edges),
		cmocka_unit_test(test_lost_retransmit), cmocka_unit_test(test_reneging),
		cmocka_unit_test(test_probe_recovers),	cmocka_unit_test(test_reo_wnd),
		cmocka_unit_test(test_eifel),		cmocka_unit_test(test_unused_window),
		cmocka_unit_test(test_cubic_loss),
	};

	return cmocka_run_group_tests_name("tcp-recovery", tests, NULL, NULL);
}
