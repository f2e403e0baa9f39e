/* /init of the emulated machine: proves the aarch64 filter against the machine's own kernel, then runs Python.
 *
 * `filter.h` holds the bytes of seccomp.program(3, "aarch64"). The calls that may pass are named here a second time,
 * with the numbers of the cross compiler's headers; every other number must be refused with EPERM. Each call is made
 * by a child of its own, which installs the filter first and reports over its one descriptor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

#define CALLS 601
#define GONE (-1) /* the child ended without a report: exit, or rt_sigreturn of no frame */

static const long passing[] = {
    __NR_fstat, __NR_exit, __NR_exit_group, __NR_futex, __NR_nanosleep, __NR_clock_gettime, __NR_clock_getres,
    __NR_clock_nanosleep, __NR_sched_yield, __NR_restart_syscall, __NR_sigaltstack, __NR_rt_sigaction,
    __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_times, __NR_getrusage, __NR_gettimeofday, __NR_getpid, __NR_getppid,
    __NR_gettid, __NR_brk, __NR_munmap, __NR_mremap, __NR_mmap, __NR_mprotect, __NR_madvise, __NR_getrandom,
    __NR_membarrier, __NR_rseq,
};
static const long on_descriptor[] = {__NR_read, __NR_write, __NR_recvfrom, __NR_sendto};

static int failures;

struct call {
    const char *what;
    long number;
    long arguments[6];
    int expected; /* errno, 0 for success */
};

static int has(const long *numbers, size_t count, long number) {
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return 1;
    return 0;
}

static void install(void) {
    struct sock_fprog program = {.len = sizeof filter / sizeof(struct sock_filter), .filter = (struct sock_filter *)filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        _exit(99);
}

/* errno of one call under the filter, 0 for success, GONE without an answer. */
static int attempt(long number, const long *a) {
    int ends[2], answer = GONE;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        return 98;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 3);
        install();
        errno = 0;
        int error = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
        write(3, &error, sizeof error);
        _exit(0);
    }
    close(ends[1]);
    char bytes[64];
    size_t got = 0;
    for (ssize_t more; (more = recv(ends[0], bytes + got, sizeof bytes - got, 0)) > 0;)
        got += more;
    if (got >= sizeof answer) /* the call itself may have sent a byte before */
        memcpy(&answer, bytes + got - sizeof answer, sizeof answer);
    close(ends[0]);
    waitpid(pid, NULL, 0);
    return answer;
}

static void expect(const char *what, int holds, long number, int got) {
    if (holds)
        return;
    failures++;
    printf("FAIL %s: call %ld gave %d\n", what, number, got);
}

static void every_number(void) {
    const long zeros[6] = {0};
    for (long number = 0; number < CALLS; number++) {
        int got = attempt(number, zeros);
        if (has(passing, sizeof passing / sizeof *passing, number))
            expect("passes", got != EPERM && got < 98, number, got);
        else if (has(on_descriptor, sizeof on_descriptor / sizeof *on_descriptor, number))
            expect("bad descriptor", got == EBADF, number, got);
        else
            expect("refused", got == EPERM, number, got);
    }
}

static void chosen_arguments(void) {
    static char page[8192] __attribute__((aligned(4096)));
    const long anonymous = MAP_PRIVATE | MAP_ANONYMOUS, plain = PROT_READ | PROT_WRITE;
    const long parents_clock = (~(long)getpid() << 3) | 2;
    const struct call calls[] = {
        {"write on 3", __NR_write, {3, (long)page, 1}, 0},
        {"write on 1", __NR_write, {1, (long)page, 1}, EBADF},
        {"write on 4", __NR_write, {4, (long)page, 1}, EBADF},
        {"read on 4", __NR_read, {4, (long)page, 1}, EBADF},
        {"receive on 3", __NR_recvfrom, {3, (long)page, 1, MSG_DONTWAIT}, EAGAIN},
        {"send on 3", __NR_sendto, {3, (long)page, 1}, 0},
        {"out of band", __NR_sendto, {3, (long)page, 1, MSG_OOB}, EPERM},
        {"out of band", __NR_recvfrom, {3, (long)page, 1, MSG_OOB}, EPERM},
        {"map", __NR_mmap, {0, 4096, plain, anonymous, -1, 0}, 0},
        {"map executable", __NR_mmap, {0, 4096, plain | PROT_EXEC, anonymous, -1, 0}, EPERM},
        {"protect", __NR_mprotect, {(long)page, 4096, plain}, 0},
        {"make executable", __NR_mprotect, {(long)page, 4096, PROT_READ | PROT_EXEC}, EPERM},
        {"clock", __NR_clock_gettime, {1, (long)page}, 0},
        {"another's clock", __NR_clock_gettime, {parents_clock, (long)page}, EPERM},
        {"random", __NR_getrandom, {(long)page, 8, 0}, 0},
        {"wake", __NR_futex, {(long)page, 1, 1}, 0},
        {"open", __NR_openat, {-100, (long)"/", 0}, EPERM},
        {"execute", __NR_execve, {(long)"/init", 0, 0}, EPERM},
        {"fork", __NR_clone, {17, 0}, EPERM},
        {"socket", __NR_socket, {AF_UNIX, SOCK_STREAM, 0}, EPERM},
        {"x32 is no matter here", 0x40000000 | __NR_read, {3, (long)page, 0}, EPERM},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int got = attempt(calls[i].number, calls[i].arguments);
        expect(calls[i].what, got == calls[i].expected, calls[i].number, got);
    }
}

/* Python answers over the console, one line of JSON each. */
static void run_python(const char *label, char *const argv[]) {
    if (access(argv[0], X_OK))
        return;
    printf("%s: ", label);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        static char *environment[] = {"CODEGYM_SECRET=hidden", "PATH=/bin", "PYTHONDONTWRITEBYTECODE=1", NULL};
        execve(argv[0], argv, environment);
        _exit(97);
    }
    waitpid(pid, NULL, 0);
    printf("\n");
}

int main(void) {
    mount("proc", "/proc", "proc", 0, NULL);
    mount("dev", "/dev", "devtmpfs", 0, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    every_number();
    chosen_arguments();
    printf(failures ? "filter: FAIL %d\n" : "filter: PASS %d\n", failures ? failures : CALLS);
    run_python("probe", (char *[]){PYTHON, "-s", "-S", "/code/codegym_mcp/sandbox/probe.py", "/code", NULL});
    run_python("root", (char *[]){PYTHON, "-s", "-S", "/code/attempts.py", "/code", ROOT_CONFIG, NULL});
    run_python("ordinary", (char *[]){PYTHON, "-s", "-S", "/code/attempts.py", "/code", ORDINARY_CONFIG, NULL});
    printf("done\n");
    fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
    return 1;
}
