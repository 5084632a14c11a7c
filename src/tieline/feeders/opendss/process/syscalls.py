"""Numbers of the system calls that a reader may make, by architecture.

Source: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (ARM64) of the Linux kernel.
"""

from __future__ import annotations

X86_64 = {
    # files, for reading; `write` only reaches what is open already: the pipe of the answer
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
    "pread64": 17, "readv": 19, "writev": 20, "access": 21, "select": 23, "dup": 32, "fcntl": 72, "getcwd": 79,
    "chdir": 80, "readlink": 89, "getdents": 78, "getdents64": 217, "openat": 257, "newfstatat": 262,
    "readlinkat": 267, "faccessat": 269, "faccessat2": 439, "statx": 332, "statfs": 137, "fstatfs": 138, "fadvise64": 221,
    # memory
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "mremap": 25, "madvise": 28, "msync": 26,
    # signals to itself, clocks, waiting
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sigaltstack": 131, "sched_yield": 24, "nanosleep": 35,
    "gettimeofday": 96, "times": 100, "time": 201, "futex": 202, "clock_gettime": 228, "clock_getres": 229,
    "clock_nanosleep": 230, "restart_syscall": 219, "rseq": 334, "set_robust_list": 273,
    # questions about itself and the machine
    "getpid": 39, "getppid": 110, "gettid": 186, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108,
    "uname": 63, "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "sched_getaffinity": 204, "getrandom": 318,
    # the end
    "exit": 60, "exit_group": 231,
}

AARCH64 = {
    "read": 63, "write": 64, "close": 57, "fstat": 80, "ppoll": 73, "lseek": 62,
    "pread64": 67, "readv": 65, "writev": 66, "pselect6": 72, "dup": 23, "fcntl": 25, "getcwd": 17,
    "chdir": 49, "getdents64": 61, "openat": 56, "newfstatat": 79,
    "readlinkat": 78, "faccessat": 48, "faccessat2": 439, "statx": 291, "statfs": 43, "fstatfs": 44, "fadvise64": 223,
    "mmap": 222, "mprotect": 226, "munmap": 215, "brk": 214, "mremap": 216, "madvise": 233, "msync": 227,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "sigaltstack": 132, "sched_yield": 124, "nanosleep": 101,
    "gettimeofday": 169, "times": 153, "futex": 98, "clock_gettime": 113, "clock_getres": 114,
    "clock_nanosleep": 115, "restart_syscall": 128, "rseq": 293, "set_robust_list": 99,
    "getpid": 172, "getppid": 173, "gettid": 178, "getuid": 174, "getgid": 176, "geteuid": 175, "getegid": 177,
    "uname": 160, "getrlimit": 163, "getrusage": 165, "sysinfo": 179, "sched_getaffinity": 123, "getrandom": 278,
    "exit": 93, "exit_group": 94,
}
