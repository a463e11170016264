/*
 * records FILE DISK: numbered records for crash tests. Says what survived, then goes on where that ended:
 *
 *   found N      records 1 to N are in FILE, whole; what was behind them is cut off
 *   block I N    block I (64 KiB) of DISK is all of number N (0: never written)
 *   synced N     record N is in FILE and was fsynced, and block N % BLOCKS of DISK is number N and was fdatasynced
 *   error ...    and the program ends with 1
 *
 * A record is its number, its length and as many bytes that follow from both. Its length is between 1 byte and 96 KiB.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 65536
#define BLOCKS 64
#define LONGEST (96 * 1024)

static void fail(const char *what)
{
    printf("error %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint32_t mixed(uint32_t n)
{
    n = (n ^ (n >> 16)) * 0x7feb352d;
    n = (n ^ (n >> 15)) * 0x846ca68b;
    return n ^ (n >> 16);
}

struct record {
    uint32_t number;
    uint32_t length;
    uint32_t words[LONGEST / 4];
};

/* Mostly short ones; returns the bytes of all of it. */
static size_t fill(struct record *record, uint32_t number)
{
    uint32_t chance = mixed(number);
    record->number = number;
    record->length = 1 + mixed(chance) % (chance % 8 ? 3000 : LONGEST);
    for (uint32_t n = 0; n <= record->length / 4 && n < LONGEST / 4; n++) {
        record->words[n] = mixed(number * 31 + n);
    }
    return 8 + record->length;
}

static uint32_t find_records(int file)
{
    static struct record expected, found;
    off_t end = 0;
    for (uint32_t number = 1;; number++) {
        size_t length = fill(&expected, number);
        if (pread(file, &found, length, end) != (ssize_t)length || memcmp(&found, &expected, length)) {
            if (ftruncate(file, end)) {
                fail("ftruncate");
            }
            lseek(file, end, SEEK_SET);
            return number - 1;
        }
        end += length;
    }
}

static void check_blocks(int disk, uint32_t *block)
{
    for (int index = 0; index < BLOCKS; index++) {
        if (pread(disk, block, BLOCK, (off_t)index * BLOCK) != BLOCK) {
            fail("read of the disk");
        }
        for (int n = 1; n < BLOCK / 4; n++) {
            if (block[n] != block[0]) {
                printf("error block %d is torn: %u and %u\n", index, block[0], block[n]);
                exit(1);
            }
        }
        if (block[0]) {
            printf("block %d %u\n", index, block[0]);
        }
    }
}

int main(int argc, char **argv)
{
    static struct record record;
    uint32_t *block = aligned_alloc(4096, BLOCK);
    if (argc != 3 || !block) {
        errno = EINVAL;
        fail("usage: records FILE DISK");
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    int file = open(argv[1], O_RDWR | O_CREAT, 0644);
    int disk = open(argv[2], O_RDWR | O_DIRECT);
    if (file < 0 || disk < 0) {
        fail("open");
    }
    uint32_t number = find_records(file);
    check_blocks(disk, block);
    printf("found %u\n", number);
    for (;;) {
        number++;
        size_t length = fill(&record, number);
        if (write(file, &record, length) != (ssize_t)length || fsync(file)) {
            fail("write to the file");
        }
        for (int n = 0; n < BLOCK / 4; n++) {
            block[n] = number;
        }
        if (pwrite(disk, block, BLOCK, (off_t)(number % BLOCKS) * BLOCK) != BLOCK || fdatasync(disk)) {
            fail("write to the disk");
        }
        printf("synced %u\n", number);
    }
}
