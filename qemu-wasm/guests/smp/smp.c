/*
 * What goes wrong when several CPUs don't work together: `smp-stress ROUNDS [TEST]` runs a thread on each CPU, and prints
 *
 *   smp <test> <ok, or what was wrong>
 *   smp work <threads> <nanoseconds>   how long so many threads took, each for the same work: the test's, or else the first's
 *   smp-end
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MAX_CPUS = 8 };

static int cpus;
static long rounds;
static pthread_barrier_t all_there;
static char wrong[200];

#define CHECK(condition, ...)                                    \
	do {                                                     \
		if (!(condition) && !wrong[0])                   \
			snprintf(wrong, sizeof(wrong), __VA_ARGS__); \
	} while (0)

static void *map_page(void *at, int protection)
{
	void *page = mmap(at, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);

	if (page == MAP_FAILED)
		abort();
	return page;
}

/* Locked instructions of every size; in one line, and across two. */

static struct {
	uint8_t byte;
	uint16_t word;
	uint32_t dword;
	uint64_t qword, exchanged, compared;
	struct {
		char before[62];
		uint32_t value;
	} __attribute__((packed, aligned(64))) split;
	struct {
		char before[3];
		uint64_t value;
	} __attribute__((packed, aligned(64))) unaligned;
	unsigned __int128 pair;
} counters;

static void count(int cpu)
{
	(void)cpu;
	for (long n = 0; n < rounds; n++) {
		uint64_t one = 1, old = counters.compared;

		asm volatile("lock incb %0" : "+m"(counters.byte));
		asm volatile("lock addw $1, %0" : "+m"(counters.word));
		asm volatile("lock subl $-1, %0" : "+m"(counters.dword));
		asm volatile("lock incq %0" : "+m"(counters.qword));
		asm volatile("lock xaddq %1, %0" : "+m"(counters.exchanged), "+r"(one));
		while (!__atomic_compare_exchange_n(&counters.compared, &old, old + 1, 0, 5, 5))
			;
		if (n % 8 == 0)
			asm volatile("lock incq %0" : "+m"(counters.unaligned.value));
		if (n % 64 == 0)
			asm volatile("lock incl %0" : "+m"(counters.split.value));
		if (n % 16 == 0) {
			uint64_t low = 0, high = 0;
			char swapped;

			do {
				uint64_t new_low = low + 1, new_high = high - 1;
				asm volatile("lock cmpxchg16b %1"
					     : "=@ccz"(swapped), "+m"(counters.pair), "+a"(low), "+d"(high)
					     : "b"(new_low), "c"(new_high));
			} while (!swapped);
		}
	}
}

static void counted(void)
{
	uint64_t each = rounds, sum = each * cpus, sixteenth = (each + 15) / 16 * cpus;

	CHECK(counters.byte == (uint8_t)sum, "8 bits: %u", counters.byte);
	CHECK(counters.word == (uint16_t)sum, "16 bits: %u", counters.word);
	CHECK(counters.dword == (uint32_t)sum, "32 bits: %u", counters.dword);
	CHECK(counters.qword == sum, "64 bits: %lu", counters.qword);
	CHECK(counters.exchanged == sum, "xadd: %lu", counters.exchanged);
	CHECK(counters.compared == sum, "cmpxchg: %lu", counters.compared);
	CHECK(counters.unaligned.value == (each + 7) / 8 * cpus, "unaligned: %lu", counters.unaligned.value);
	CHECK(counters.split.value == (each + 63) / 64 * cpus, "across lines: %u", counters.split.value);
	CHECK((uint64_t)counters.pair == sixteenth && (uint64_t)(counters.pair >> 64) == -sixteenth, "128 bits: %lu",
	      (uint64_t)counters.pair);
	memset(&counters, 0, sizeof(counters));
}

/* Plain stores and loads under a lock that is an exchange. */

static volatile uint32_t lock_word;
static volatile uint64_t guarded[4];

static void take_lock(int cpu)
{
	(void)cpu;
	for (long n = 0; n < rounds; n++) {
		while (__atomic_exchange_n(&lock_word, 1, __ATOMIC_ACQUIRE))
			__builtin_ia32_pause();
		for (int i = 0; i < 4; i++)
			guarded[i] = guarded[3 - i] + (i < 2);
		__atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE);
	}
}

static void lock_taken(void)
{
	uint64_t expected[4] = { 0 };

	for (long n = 0; n < rounds * cpus; n++) {
		for (int i = 0; i < 4; i++)
			expected[i] = expected[3 - i] + (i < 2);
	}
	for (int i = 0; i < 4; i++) {
		CHECK(guarded[i] == expected[i], "word %d: %lu, not %lu", i, guarded[i], expected[i]);
		guarded[i] = 0;
	}
}

/* Stores are seen in their order; a fence, and a locked instruction, let no load pass a store. */

static struct {
	volatile uint64_t data[8] __attribute__((aligned(64)));
	volatile uint64_t flag __attribute__((aligned(64)));
} message;
enum { TRIALS = 4096 };
static volatile uint8_t stored[2][TRIALS * 64], loaded[2][TRIALS];

static void order(int cpu)
{
	for (long n = 1; n <= rounds * 4; n++) {
		if (cpu == 0) {
			message.data[n % 8] = n;
			message.flag = n;
		} else {
			uint64_t flag = message.flag, data = message.data[flag % 8];
			CHECK(data >= flag, "flag %lu came before its data, %lu", flag, data);
		}
	}
	pthread_barrier_wait(&all_there);
	for (int n = 0; n < TRIALS && cpu < 2; n++) {
		stored[cpu][n * 64] = 1;
		if (n & 1)
			asm volatile("mfence" : : : "memory");
		else
			asm volatile("lock addl $0, (%%rsp)" : : : "memory", "cc");
		loaded[cpu][n] = stored[1 - cpu][n * 64];
	}
}

static void ordered(void)
{
	for (int n = 0; n < TRIALS && cpus > 1; n++)
		CHECK(loaded[0][n] || loaded[1][n], "both loads of trial %d passed their stores", n);
	memset((void *)stored, 0, sizeof(stored));
	message.flag = 0;
	memset((void *)message.data, 0, sizeof(message.data));
}

/* Sixteen aligned bytes are loaded and stored as a whole by CPUs that have AVX (Intel's manual, volume 3, section 10.1.1). */

static struct {
	volatile uint64_t halves[2] __attribute__((aligned(16)));
} pairs[4];

static void store_pairs(int cpu)
{
	for (uint64_t n = 1; n <= (uint64_t)rounds * 4; n++) {
		uint64_t value = n << 8 | cpu, low, high;
		void *pair = &pairs[n % 4];

		if (cpu == 0 || n % 16 == 0)
			asm volatile("movq %1, %%xmm0; punpcklqdq %%xmm0, %%xmm0; movdqa %%xmm0, (%0)"
				     : : "r"(pair), "r"(value) : "xmm0", "memory");
		asm volatile("movdqa (%2), %%xmm0; movq %%xmm0, %0; punpckhqdq %%xmm0, %%xmm0; movq %%xmm0, %1"
			     : "=r"(low), "=r"(high) : "r"(pair) : "xmm0", "memory");
		CHECK(low == high, "half of what was stored: %lx and %lx", low, high);
	}
}

/* Threads that wait for each other in the kernel. */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static long turn;

static void take_turns(int cpu)
{
	for (long n = 0; n < rounds / 16; n++) {
		pthread_mutex_lock(&mutex);
		while (turn % cpus != cpu)
			pthread_cond_wait(&turned, &mutex);
		turn++;
		pthread_cond_broadcast(&turned);
		pthread_mutex_unlock(&mutex);
	}
}

static void turns_taken(void)
{
	CHECK(turn == rounds / 16 * cpus, "%ld turns", turn);
	turn = 0;
}

/* The first CPU writes code that the others run. */

static uint8_t *code;
static volatile uint32_t written;
/* movl $0, %eax; ret: the number is aligned. */
static const uint8_t code_text[] = { 0x90, 0x90, 0x90, 0xb8, 0, 0, 0, 0, 0xc3 };

static void write_code(int cpu)
{
	for (long n = 1; n <= rounds / 4; n++) {
		if (cpu == 0) {
			*(volatile uint32_t *)(code + 4) = n;
			written = n;
		} else {
			uint32_t at_least = written, a = 0, b, c = 0, d;
			asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d) : : "memory");
			uint32_t got = ((uint32_t(*)(void))code)();
			CHECK(got >= at_least, "code of %u ran after %u had been written", got, at_least);
		}
	}
}

static void code_written(void)
{
	*(volatile uint32_t *)(code + 4) = written = 0;
}

/* The first CPU takes a page away that the others write to. */

static volatile uint32_t *page;
static volatile int stop;

static void page_missed(int number)
{
	(void)number;
	sched_yield();
}

static void change_pages(int cpu)
{
	if (cpu != 0) {
		while (!stop)
			page[cpu * 16] += 1;
		return;
	}
	for (long n = 0; n < rounds / 64; n++) {
		uint32_t seen[MAX_CPUS];

		mprotect((void *)page, PAGE, PROT_READ);
		for (int i = 1; i < cpus; i++)
			seen[i] = page[i * 16];
		for (int i = 0; i < 200; i++)
			__builtin_ia32_pause();
		for (int i = 1; i < cpus; i++)
			CHECK(seen[i] == page[i * 16], "CPU %d wrote to a page that was protected", i);
		mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE);
		if (n % 4 == 0) {
			map_page((void *)page, PROT_READ | PROT_WRITE);
			for (int i = 1; i < cpus; i++) {
				for (long patience = 0; page[i * 16] == 0; patience++) {
					if (patience > 100000) {
						CHECK(0, "CPU %d goes on writing to a page that is gone", i);
						break;
					}
					sched_yield();
				}
			}
		}
	}
	stop = 1;
}

static void pages_changed(void)
{
	stop = 0;
}

/* Processes on all CPUs. */

static void make_processes(int cpu)
{
	for (long n = 0; n < rounds / 512; n++) {
		int status = -1, expected = (cpu * 50 + n) % 100;
		pid_t pid = fork();

		if (pid == 0) {
			for (int i = 0; i < 20; i++)
				*(volatile char *)map_page(NULL, PROT_READ | PROT_WRITE) = i;
			_exit(expected);
		}
		CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == expected, "a process ended with %x", status);
	}
}

/* Each thread computes the same, integers and floats, in blocks that are compiled as it does. */

static volatile uint64_t results[MAX_CPUS];

static void compute(int cpu)
{
	uint64_t sum = 1;
	double value = 1;

	for (long n = 1; n < rounds * 100; n++) {
		sum = sum * 6364136223846793005u + (sum >> 33) + n;
		value = value / 3 + (double)(sum >> 40);
		if (sum & 64)
			sum ^= (uint64_t)value;
	}
	results[cpu] = sum;
}

static void computed(void)
{
	for (int i = 1; i < cpus; i++)
		CHECK(results[i] == results[0], "CPU %d computed %lx, CPU 0 %lx", i, results[i], results[0]);
}

static const struct test {
	const char *name;
	void (*run)(int cpu);
	void (*check)(void);
} tests[] = {
	{ "compute", compute, computed },
	{ "atomics", count, counted },
	{ "lock", take_lock, lock_taken },
	{ "order", order, ordered },
	{ "pairs", store_pairs, NULL },
	{ "futex", take_turns, turns_taken },
	{ "code", write_code, code_written },
	{ "pages", change_pages, pages_changed },
	{ "processes", make_processes, NULL },
};
static const struct test *current;

static void *on_cpu(void *argument)
{
	int cpu = (intptr_t)argument;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	pthread_barrier_wait(&all_there);
	current->run(cpu);
	return NULL;
}

static void run(const struct test *test, int threads)
{
	pthread_t ids[MAX_CPUS];

	current = test;
	pthread_barrier_init(&all_there, NULL, threads);
	for (intptr_t i = 0; i < threads; i++) {
		if (pthread_create(&ids[i], NULL, on_cpu, (void *)i) != 0)
			abort();
	}
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	pthread_barrier_destroy(&all_there);
}

static void time_work(const struct test *test, int threads)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	run(test, threads);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("smp work %d %ld\n", threads, (to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = page_missed };
	const struct test *timed = &tests[0];

	setvbuf(stdout, NULL, _IOLBF, 0);
	rounds = argc > 1 ? atol(argv[1]) : 10000;
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus > MAX_CPUS)
		cpus = MAX_CPUS;
	printf("smp cpus %d\n", cpus);
	sigaction(SIGSEGV, &action, NULL);
	page = map_page(NULL, PROT_READ | PROT_WRITE);
	code = map_page(NULL, PROT_READ | PROT_WRITE | PROT_EXEC);
	memcpy(code, code_text, sizeof(code_text));
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc > 2 && strcmp(argv[2], tests[i].name) != 0)
			continue;
		if (argc > 2)
			timed = &tests[i];
		wrong[0] = 0;
		run(&tests[i], cpus);
		if (tests[i].check)
			tests[i].check();
		printf("smp %s %s\n", tests[i].name, wrong[0] ? wrong : "ok");
	}
	time_work(timed, 1);
	time_work(timed, cpus);
	printf("smp-end\n");
	return 0;
}
