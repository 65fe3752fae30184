/* SPDX-License-Identifier: BSD-2-Clause */
/* tests/run/gap.h - the same calls on the kernel's sockets and under skiff: what the parts of gap.c share. */
#ifndef TESTS_RUN_GAP_H
#define TESTS_RUN_GAP_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/**
 * struct gap_check - one check, in a process of its own; it says one line, by one or more calls of say()
 */
struct gap_check {
	const char *name;
	void (*run)(void);
};

/* the parts, ended by a row without a name */
extern const struct gap_check gap_stream_connect[], gap_stream_connect_nb[], gap_stream_accept[],
	gap_stream_close[], gap_stream_data[], gap_stream_share[], gap_stream_msg[],
	gap_stream_opts[], gap_dgram_recv[], gap_dgram_send[];

/** say() - add to the check's line */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** say_ret() - a call's name and what it returned: the number, or the name of errno */
void say_ret(const char *what, long ret);
/** say_poll() - what poll(2) says of @fd for all events, once things have settled */
void say_poll(int fd);
/** say_error() - SO_ERROR */
void say_error(int fd);
/** errno_name() - "EAGAIN" */
const char *errno_name(int err);

/** settle() - let packets and events arrive */
void settle(void);
/** must() - @ret, or the end of the check if it is negative */
long must(const char *what, long ret);

struct sockaddr_in loopback(int port);
int tcp_socket(int flags);
/** tcp_listener() - at a port of its own, which is stored */
int tcp_listener(int backlog, int *port);
/** tcp_connect() - connect(2) of @fd to a port of 127.0.0.1 */
int tcp_connect(int fd, int port);
/** tcp_pair() - a connection: its connecting end in s[0], the accepted one in s[1] */
void tcp_pair(int s[2]);
/** closed_port() - one that nobody listens at */
int closed_port(void);
/** stuck_port() - a listener whose queue is full: who connects there stays in SYN_SENT */
int stuck_port(void);
/** reset_by() - close @fd with a RST */
void reset_by(int fd);
/** on_signal() - count it in signals_seen(); @flags: SA_* */
void on_signal(int sig, int flags);
int signals_seen(void);
void set_timeout(int fd, int option, int ms);
void set_int(int fd, int level, int option, int value);
/** nonblock() - set O_NONBLOCK */
void nonblock(int fd);
/** nowhere() - an address where there is no memory */
void *nowhere(void);
/** alarm_in() - SIGALRM after @ms */
void alarm_in(int ms);

#endif
