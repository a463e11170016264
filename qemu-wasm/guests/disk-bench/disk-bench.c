/*
 * disk-bench DISK MIB SECONDS: what requests to the first MIB of a disk cost, past the guest's page cache. For each pattern a line
 *
 *   item NAME BYTES NANOSECONDS
 *
 * Reads and writes are under way 16 at a time, as fio's libaio has them; each write of "write+flush" is alone, and fdatasynced.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 16
#define LARGE 65536

static int disk;
static uint64_t size, limit;
static char *buffers[DEPTH];
static aio_context_t context;
static uint32_t state = 1;

static void fail(const char *what)
{
    printf("bench-error %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static uint64_t place(int is_random, uint64_t count, uint64_t length)
{
    if (!is_random) {
        return count * length % size;
    }
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % (size / length) * length;
}

/* Other bytes each time, so that nothing is gained by what is there already. */
static char *fresh(char *buffer, uint64_t length, uint64_t count)
{
    for (uint64_t at = 0; at < length; at += 4096) {
        memcpy(buffer + at, &count, sizeof(count));
    }
    return buffer;
}

static void submit(int slot, int is_write, int is_random, uint64_t count, uint64_t length)
{
    struct iocb request = {
        .aio_data = slot,
        .aio_lio_opcode = is_write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
        .aio_fildes = disk,
        .aio_buf = (uintptr_t)(is_write ? fresh(buffers[slot], length, count) : buffers[slot]),
        .aio_nbytes = length,
        .aio_offset = place(is_random, count, length),
    };
    struct iocb *list = &request;
    if (syscall(SYS_io_submit, context, 1, &list) != 1) {
        fail("io_submit");
    }
}

static uint64_t many(int is_write, int is_random, uint64_t length, uint64_t end)
{
    struct io_event events[DEPTH];
    uint64_t submitted = 0, done = 0;
    while (submitted < DEPTH) {
        submit(submitted, is_write, is_random, submitted, length);
        submitted++;
    }
    while (done < submitted) {
        int count = syscall(SYS_io_getevents, context, 1, DEPTH, events, NULL);
        if (count < 1) {
            fail("io_getevents");
        }
        for (int n = 0; n < count; n++) {
            if (events[n].res != (int64_t)length) {
                errno = -events[n].res;
                fail("request");
            }
            done++;
            if (now() < end && submitted < limit / length) {
                submit(events[n].data, is_write, is_random, submitted++, length);
            }
        }
    }
    if (is_write && fdatasync(disk)) {
        fail("fdatasync");
    }
    return done;
}

static uint64_t flushed(int is_random, uint64_t length, uint64_t end)
{
    uint64_t count = 0;
    do {
        if (pwrite(disk, fresh(buffers[0], length, count), length, place(is_random, count, length)) != (ssize_t)length ||
            fdatasync(disk)) {
            fail("write");
        }
        count++;
    } while (now() < end);
    return count;
}

int main(int argc, char **argv)
{
    static const char *const orders[] = { "sequential", "random" };
    static const char *const actions[] = { "write", "read", "write+flush" };
    if (argc != 4) {
        errno = EINVAL;
        fail("usage: disk-bench DISK MIB SECONDS");
    }
    disk = open(argv[1], O_RDWR | O_DIRECT);
    if (disk < 0 || syscall(SYS_io_setup, DEPTH, &context)) {
        fail(argv[1]);
    }
    size = strtoull(argv[2], NULL, 10) << 20;
    limit = 4 * size;
    for (int n = 0; n < DEPTH; n++) {
        buffers[n] = aligned_alloc(4096, LARGE);
        for (int at = 0; at < LARGE; at += 256) {
            if (getrandom(buffers[n] + at, 256, 0) != 256) {
                fail("getrandom");
            }
        }
    }
    for (int large = 1; large >= 0; large--) {
        uint64_t length = large ? LARGE : 4096;
        for (int order = 0; order < 2; order++) {
            for (int action = 0; action < 3; action++) {
                uint64_t start = now(), end = start + strtoull(argv[3], NULL, 10) * 1000000000ull;
                uint64_t count = action == 2 ? flushed(order, length, end) : many(action == 0, order, length, end);
                printf("item %s %d KiB %s %llu %llu\n", orders[order], (int)(length >> 10), actions[action],
                       (unsigned long long)(count * length), (unsigned long long)(now() - start));
                fflush(stdout);
            }
        }
    }
    return 0;
}
