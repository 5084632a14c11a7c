"""Numbers of the system calls that a reader may make, by architecture.

Source: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (ARM64) of the Linux kernel.
"""

from __future__ import annotations

TABLE = """
# files, for reading; `write` reaches only what is open already, the pipe of the answer
read 0 63
write 1 64
open 2 -
close 3 57
stat 4 -
fstat 5 80
lstat 6 -
newfstatat 262 79
statx 332 291
statfs 137 43
fstatfs 138 44
lseek 8 62
pread64 17 67
readv 19 65
writev 20 66
openat 257 56
access 21 -
faccessat 269 48
faccessat2 439 439
readlink 89 -
readlinkat 267 78
getdents 78 -
getdents64 217 61
getcwd 79 17
chdir 80 49
dup 32 23
fcntl 72 25
flock 73 32
fadvise64 221 223
poll 7 -
ppoll 271 73
select 23 -
pselect6 270 72
# memory
mmap 9 222
mprotect 10 226
munmap 11 215
mremap 25 216
brk 12 214
madvise 28 233
msync 26 227
# signals to itself, clocks, waiting
rt_sigaction 13 134
rt_sigprocmask 14 135
rt_sigreturn 15 139
sigaltstack 131 132
sched_yield 24 124
nanosleep 35 101
clock_nanosleep 230 115
restart_syscall 219 128
gettimeofday 96 169
time 201 -
times 100 153
clock_gettime 228 113
clock_getres 229 114
futex 202 98
rseq 334 293
set_robust_list 273 99
# questions about itself and the machine
getpid 39 172
getppid 110 173
gettid 186 178
getuid 102 174
getgid 104 176
geteuid 107 175
getegid 108 177
uname 63 160
getrlimit 97 163
getrusage 98 165
sysinfo 99 179
sched_getaffinity 204 123
getrandom 318 278
# the end
exit 60 93
exit_group 231 94
"""
"""Name, number on x86-64, number on ARM64; a dash where the architecture has no such call."""


def numbers(column: int) -> dict[str, int]:
    """Call numbers by name of one column of the table: 1 for x86-64, 2 for ARM64."""
    rows = [
        line.split() for line in TABLE.splitlines() if line and not line.startswith("#")
    ]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
