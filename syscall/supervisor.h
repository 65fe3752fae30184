/* SPDX-License-Identifier: BSD-2-Clause */
/* syscall/supervisor.h - how a program that knows nothing of us lives on a node. For syscall/ only.
 *
 * DOC: One call, one byte
 * A program runs under a seccomp filter (filter.c). A socket call becomes a notification: the calling thread stops until we answer
 * (call.c). socket() is answered with one end of an AF_UNIX pair (endpoint.c), so that read, write, poll, epoll, dup, fork,
 * SCM_RIGHTS, sendfile and close are the kernel's own, at the kernel's own speed, and we never hear of them. The other end
 * is ours: bytes that the program writes come out there and go into the stack's socket, and the other way round
 * (stream.c, dgram.c, netlink.c).
 *
 *   program     connect(3, ...)                     write(3, ...)                read(3, ...)
 *                  | notification                      |                            ^
 *   kernel      seccomp                             AF_UNIX pair                 AF_UNIX pair
 *                  v                                   v                            |
 *   listener.c -> table.c -> stream_connect()       stream.c: own end readable   stream.c: the stack has bytes
 *                  | skiff_connect()                   | skiff_send_commit()        ^ skiff_recv_refs()
 *   the stack   ---------------------------------------------------------------------------------------------
 *
 * Which socket a call means is found by the inode of the program's end, which we get a temporary duplicate of (pidfd_getfd):
 * right across dup, fork, exec and SCM_RIGHTS without any bookkeeping. We keep no reference to it, so a hang-up of our end
 * says that the last one was closed.
 *
 * DOC: Waiting
 * Nothing here waits. A call that would block is parked at its endpoint (call_park()) and tried again when something changed
 * there or its time is over; the program's thread sleeps in the kernel meanwhile, and a signal interrupts it there, which we
 * learn by -ENOENT when we answer. So: answer first, then do what can not be undone (call_return() tells whether the answer
 * arrived). Round robin: each listener gets one notification a turn, so that a program that hammers calls does not starve others.
 *
 * DOC: Not ours
 * A descriptor that is none of our endpoints is a file or an AF_UNIX socket; unix.c has what those may do. Everything else is refused in
 * table.c or by the filter itself. Nothing reaches the host's network, also after we died: then calls get ENOSYS.
 */
#ifndef SYSCALL_SUPERVISOR_H
#define SYSCALL_SUPERVISOR_H

#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "host/host.h"
#include "lib/list.h"
#include "skiff/run.h"
#include "skiff/socket.h"

struct task;
struct endpoint;
struct call;

#define container_of_source(s, type, member) ((type *)((char *)(s)-offsetof(type, member)))

/**
 * struct skiff_run - the supervisor
 * @endpoints: hash by inode, @n_endpoints of them in @n_buckets lists
 * @tasks:     threads that called, by thread id (task.c)
 * @timed:     parked calls with a deadline, the earliest first
 * @dirty:     endpoints whose pump is to run once more in this turn; @dead: to be freed when nobody is in them
 * @doubtful:  stream_reap.c: streams that may have been closed, @doubt_due: look then (0: none)
 * @unix_names: unix_names.c: @n_unix_names addresses that programs bound, the latest first; @unix_refused: what was refused last,
 *             @n_unix_refused log lines were written about that
 * @loose:     parked calls without an endpoint
 * @raised:    dgram_raise.c: datagram sockets whose pair was given up to show an error, @raised_due: look for them then (0: none)
 * @netlinks:  netlink.c: all such sockets; @dgram_weights: dgram_mirror.c: what messages weigh in a pair
 * @families_told: log lines that were written, by address family
 * @sizes:     of the kernel's structs, which may be larger than those we were compiled with
 */
struct skiff_run {
	struct skiff *skiff;
	struct host_loop *loop;
	struct skiff_run_env env;
	struct list_head programs;
	struct endpoint **endpoints;
	unsigned n_endpoints, n_buckets;
	struct task **tasks;
	unsigned n_tasks;
	uint64_t swept; /* when tasks that are gone were looked for */
	struct list_head task_lru;
	struct list_head timed;
	struct list_head dirty, dead;
	struct call *caller; /* user addresses that the stack meets are its (NULL: ours) */
	struct list_head doubtful;
	uint64_t doubt_due;
	struct names_relay *relays; /* names.h: queries that others answer */
	struct list_head unix_names;
	unsigned n_unix_names, n_unix_refused;
	char unix_refused[108];
	struct list_head loose;
	struct list_head netlinks;
	struct list_head raised;
	uint64_t raised_due;
	int *dgram_weights;
	struct seccomp_notif_sizes sizes;
	uint64_t families_told;
};

/**
 * struct skiff_program - what one start or adoption made: a filter's descriptor and everyone who runs under it
 * @listener: readable when a call waits; hangs up when nobody is left
 * @process:  pidfd of the first process, -1 once it is gone
 * @child:    it is ours to wait for; @own_session: it leads one
 * @alive:    somebody runs under the filter
 */
struct skiff_program {
	struct list_head link;
	struct skiff_run *run;
	struct skiff_net *net;
	struct host_source listener, process;
	int pid;
	bool child, own_session, alive;
	void *arg;
	void (*exited)(void *arg, struct skiff_program *program, int status);
};

/* ---- task.c: threads of programs ---- */

/**
 * struct task - a thread that made a call: its pidfd is kept for the next one
 */
struct task {
	struct task *next;
	struct list_head lru;
	int tid, pidfd;
	/* the last answer that nobody saw, for the same call made again */
	bool has_lost;
	int64_t lost_value;
	struct seccomp_data lost;
};

/** task_find() - of this thread id; NULL: it is gone, or no memory */
struct task *task_find(struct skiff_run *run, int tid);
/** task_getfd() - duplicate of a descriptor of the task, close-on-exec; -EBADF, -EPERM (not dumpable), -ESRCH */
int task_getfd(struct skiff_run *run, int tid, int fd);
/** task_read() / task_write() - memory of a task. 0, -EFAULT, -EPERM */
int task_read(int tid, void *buf, uint64_t addr, size_t len);
int task_write(int tid, uint64_t addr, const void *buf, size_t len);
/** task_process() - the process that a thread belongs to; -1: it is gone */
int task_process(int tid);
/** tasks_sweep() - threads that are gone need no pidfd; looks now and then */
void tasks_sweep(struct skiff_run *run, uint64_t now);
void tasks_free(struct skiff_run *run);

/* ---- call.c: one notification ---- */

typedef void (*call_fn)(struct call *call);

/**
 * struct call - a call that waits for our answer
 * @ep:       what it is about; NULL for socket() and what is not ours
 * @dup:      duplicate of the program's descriptor while the handler runs, -1 otherwise; never kept while parked
 * @st:       of @dup
 * @flags:    O_* of the descriptor (F_GETFL)
 * @link, @timed: parked: in ep->parked, in run->timed (by @deadline, host_now()'s ns; SKIFF_NEVER: none)
 * @resume:   parked: tries again; @expired: its time is over (SO_RCVTIMEO); NULL: answered with -EAGAIN
 * @state:    the handler's own while parked
 */
struct call {
	struct skiff_run *run;
	struct skiff_program *program;
	struct endpoint *ep;
	struct seccomp_notif req;
	int dup;
	struct stat st;
	int flags;
	struct list_head link, timed;
	uint64_t deadline;
	call_fn resume, expired;
	void *state;
	bool parked;
};

/* the arguments as the kernel takes them */
static inline int call_int(const struct call *c, unsigned i)
{
	return (int)c->req.data.args[i];
}
static inline uint64_t call_arg(const struct call *c, unsigned i)
{
	return c->req.data.args[i];
}

/**
 * call_return() - answer; @value negative: the errno. The call is over and freed
 * Return: 0; -ENOENT: a signal interrupted it or the thread is gone: nobody saw the answer, and what it would have taken must not be lost
 */
int call_return(struct call *c, int64_t value);
/**
 * call_return_once() - as call_return(), for what must not be done twice (bind): if a signal came first, the same call made again
 * by the thread gets the same answer
 */
int call_return_once(struct call *c, int64_t value);
/** call_replay() - was @c answered already, unseen? Then it is answered now, and over */
bool call_replay(struct call *c);
/** call_continue() - let the kernel do it. Only for calls whose verdict does not depend on memory that another thread may change */
void call_continue(struct call *c);
/** call_give_fd() - answer with @fd (stays ours) as the lowest free descriptor of the program, atomically. Its number, or as call_return() */
int call_give_fd(struct call *c, int fd, bool cloexec);
/** call_replace_fd() - put @fd in the place of the program's descriptor @target; the call goes on. 0 or -errno */
int call_replace_fd(struct call *c, int fd, int target, bool cloexec);
/** call_renew_fd() - put @theirs, which becomes ours to close, in the place of the program's first argument and of @c->dup, with its settings. 0 or -errno */
int call_renew_fd(struct call *c, int theirs);
/** call_valid() - does the caller still wait? */
bool call_valid(const struct call *c);
/** call_read() / call_write() - the caller's memory. 0, or the negative errno to answer with */
int call_read(struct call *c, void *buf, uint64_t addr, size_t len);
int call_write(struct call *c, uint64_t addr, const void *buf, size_t len);
/** call_dup() - duplicate of descriptor @fd of the caller into @c->dup, with @c->st and @c->flags; replaces the one before. 0 or -EBADF ... */
int call_dup(struct call *c, int fd);
/** call_park() - try again by @resume when the endpoint changes; @deadline: SKIFF_NEVER: none. Blocking calls only */
void call_park(struct call *c, call_fn resume, call_fn expired, uint64_t deadline);
/** call_later() - as call_park(), for what we do not hear of changes of: @again is called at @when */
void call_later(struct call *c, call_fn again, uint64_t when);
/** call_timeout() - deadline by the descriptor's SO_RCVTIMEO (or SNDTIMEO): SKIFF_NEVER if there is none */
uint64_t call_timeout(struct call *c, int optname);
/** call_nonblock() - must it not wait? @flags: MSG_* of the call */
bool call_nonblock(const struct call *c, int flags);
/** call_get_addr() - a sockaddr of @len bytes at @addr. Length, or -EINVAL, -EFAULT as Linux's move_addr_to_kernel */
int call_get_addr(struct call *c, uint64_t addr, int len, struct sockaddr_storage *to);
/** call_put_addr() - as Linux's move_addr_to_user: at most *@lenp bytes, the true length to *@lenp. 0 or -errno */
int call_put_addr(struct call *c, const void *from, uint32_t len, uint64_t addr, uint64_t lenp);
void call_free(struct call *c);
/** calls_resume() - everyone parked at @ep tries again, in order */
void calls_resume(struct endpoint *ep);
/** calls_abort() - the endpoint goes: everyone parked is answered with @err */
void calls_abort(struct endpoint *ep, int err);

/* ---- endpoint.c: what a program's descriptor is to us ---- */

enum call_kind {
	CALL_BIND,
	CALL_CONNECT,
	CALL_LISTEN,
	CALL_ACCEPT,
	CALL_GETSOCKNAME,
	CALL_GETPEERNAME,
	CALL_SETSOCKOPT,
	CALL_GETSOCKOPT,
	CALL_SHUTDOWN,
	CALL_SENDTO,
	CALL_RECVFROM,
	CALL_SENDMSG,
	CALL_RECVMSG,
	CALL_SENDMMSG,
	CALL_RECVMMSG,
	CALL_IOCTL,
	CALL_KINDS
};

/**
 * struct endpoint_ops - a kind of socket
 * @pair:        type of the AF_UNIX pair: SOCK_STREAM, or SOCK_SEQPACKET to keep messages and to notice the close
 * @size:        of the struct that begins with struct endpoint
 * @start:       it has its pair and its socket. 0 or -errno
 * @own_ready:   EPOLL* events of our end. EPOLLHUP: the program closed the last descriptor
 * @stack_ready: POLL* events of the stack's socket, at the end of the turn or call that caused them
 * @stop:        the endpoint is about to be freed
 * @calls:       handlers, each answers or parks; NULL: the common one of common.c
 */
struct endpoint_ops {
	const char *name;
	int pair;
	size_t size;
	int (*start)(struct endpoint *ep);
	void (*own_ready)(struct endpoint *ep, uint32_t events);
	void (*stack_ready)(struct endpoint *ep, unsigned events);
	void (*stop)(struct endpoint *ep);
	call_fn calls[CALL_KINDS];
};

/**
 * struct endpoint - a socket of a program: its end of a pair there, a socket of the stack here
 * @inode:  of the program's end, the key
 * @sfd:    descriptor in the shard, -1 if the kind has none (netlink)
 * @own:    our end, non-blocking; own.fd is -1 once closed
 * @parked: calls that wait here
 * @family, @type, @protocol: as asked for
 * @dirty:  in run->dirty or run->dead; @dead: closed, to be freed
 */
struct endpoint {
	struct endpoint *next;
	struct skiff_run *run;
	struct skiff_net *net;
	const struct endpoint_ops *ops;
	ino_t inode;
	int sfd;
	struct host_source own;
	struct list_head parked;
	struct list_head dirty;
	int family, type, protocol;
	bool dead;
};

extern const struct endpoint_ops stream_ops, dgram_ops, netlink_ops;

/**
 * endpoint_new() - a pair and a socket
 * @sfd:    the stack's socket, becomes the endpoint's (closed on failure, too); -1: none
 * @theirs: set to the program's end: to be given with call_give_fd() and closed
 * Return: NULL and *@err
 */
struct endpoint *endpoint_new(struct skiff_run *run, struct skiff_net *net,
			      const struct endpoint_ops *ops, int sfd, int family, int type,
			      int protocol, int *theirs, int *err);
struct endpoint *endpoint_find(struct skiff_run *run, ino_t inode);
/** endpoint_pair() - a fresh pair in the place of the old one (reconnect, disconnect): the endpoint's key changes. 0 or -errno */
int endpoint_pair(struct endpoint *ep, int *theirs);
/** endpoint_hang_up() - close our end only: the socket and the key stay */
void endpoint_hang_up(struct endpoint *ep);
/** endpoint_watch() - epoll events to wait for at our end; 0: only EPOLLHUP and EPOLLERR */
void endpoint_watch(struct endpoint *ep, uint32_t events);
/** endpoint_mark() - have ops->stack_ready(ep, 0) called once more in this turn */
void endpoint_mark(struct endpoint *ep);
/** endpoint_end() - closed for good: socket and pair go, parked calls are answered with EBADF; freed when it is safe */
void endpoint_end(struct endpoint *ep);
void endpoints_free(struct skiff_run *run);

/* ---- stream_reap.c ---- */

/** streams_reap() - look for what programs closed without our seeing it. Return: there was something to do */
bool streams_reap(struct skiff_run *run, uint64_t now);

/** dgrams_reap() - dgram_raise.c: end those that nobody has any more. Return: something was done */
bool dgrams_reap(struct skiff_run *run, uint64_t now);

/* ---- table.c, common.c: which handler ---- */

/** call_dispatch() - answer or park @c, freshly received */
void call_dispatch(struct call *c);
/** the common handlers, which ask the stack and answer */
extern const call_fn common_calls[CALL_KINDS];
/** call_socket() - socket(2) */
void call_socket(struct call *c);
/** call_begin() / call_end() - in between the stack reaches the caller's memory wherever it is given an address of it (skiff_* calls) */
void call_begin(struct call *c);
void call_end(struct call *c);

/* ---- unix.c: AF_UNIX sockets and other descriptors that are not ours ---- */

/** unix_call() - @c is about a descriptor that is no endpoint; @c->dup is set */
void unix_call(struct call *c, enum call_kind kind);
void unix_free(struct skiff_run *run);

/* ---- listener.c, launch.c, enter.c, abilities.c ---- */

/** program_new() - watch @listener, which becomes the program's. NULL: *@err */
struct skiff_program *program_new(struct skiff_run *run, struct skiff_net *net, int listener,
				  int pid, int *err);
void program_free(struct skiff_program *p);
/** filter_install() - the filter for this thread and everyone it starts. Return: its descriptor or -errno */
int filter_install(bool own_netns);
#define ENTERED_USER 1
#define ENTERED_NET  2
/** enter_namespaces() - user and network namespace of our own, as far as they can be had: ENTERED_* */
int enter_namespaces(void);
/** run_log() - one line for the log */
void run_log(struct skiff_run *run, int level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
