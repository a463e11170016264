/*
 * PID 1 of the small guests. One process that mounts, announces, and starts a shell on each console: a script would fork a
 * busybox for each of these steps, and every fork is dear in an interpreter. Freestanding, on the kernel tree's nolibc.
 *
 * Afterwards it waits (it never polls) for children to end, for devices to appear, for the power button, and for the signals
 * that busybox poweroff (SIGUSR2), halt (SIGUSR1) and reboot (SIGTERM) send.
 */
#include <linux/input-event-codes.h>
#include <linux/netlink.h>
#include <linux/signalfd.h>
#include <linux/sockios.h>

#define PATH "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
#define BUSYBOX "/bin/busybox"
#define AGENT_PORT "org.qemu.guest_agent.0"
#define ROOM 128

enum { SIGNALS, DEVICES, BUTTONS, WATCHED = BUTTONS + 2 };

/* As in linux/if.h and linux/input.h, which would drag in the C library's headers. */
struct interface_flags {
	char name[16];
	short flags;
	char unused[22];
};
struct input_event {
	struct timeval time;
	__u16 type, code;
	__s32 value;
};

static const int handled[] = { SIGCHLD, SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGPWR };
static struct pollfd watched[WATCHED];

/* A console and its shell; busybox ash wants TERM right, and each VT or line its own session. */
static struct console {
	char device[ROOM];
	pid_t shell;
} consoles[4];

static __u64 signal_set(void)
{
	__u64 set = 0;

	for (unsigned int i = 0; i < sizeof(handled) / sizeof(*handled); i++)
		set |= 1ull << (handled[i] - 1);
	return set;
}

/* Reads a short file as a string without its last newline; "" when it cannot be read. */
static char *slurp(const char *path, char *text, int room)
{
	int fd = open(path, O_RDONLY);
	ssize_t got = fd < 0 ? 0 : read(fd, text, room - 1);

	if (fd >= 0)
		close(fd);
	text[got < 0 ? 0 : got] = 0;
	if (got > 0 && text[got - 1] == '\n')
		text[got - 1] = 0;
	return text;
}

static void join(char *path, const char *a, const char *b, const char *c)
{
	path[0] = 0;
	strlcat(path, a, ROOM);
	strlcat(path, b, ROOM);
	strlcat(path, c, ROOM);
}

static int exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

/* In a child: back to default signals, `device` as its terminal (with a session of its own) or nothing, then `program`. */
static pid_t start(const char *program, const char *device, int nice, char *const argv[], char *const envp[])
{
	__u64 none = 0;
	int fd = open(device ? device : "/dev/null", O_RDWR | O_NOCTTY);
	pid_t pid = fd < 0 ? -1 : fork();

	if (pid != 0) {
		if (fd >= 0)
			close(fd);
		return pid;
	}
	my_syscall4(__NR_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof(none));
	setsid();
	if (device)
		ioctl(fd, TIOCSCTTY, (void *)1);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	my_syscall3(__NR_setpriority, 0 /* PRIO_PROCESS */, 0, nice);
	chdir(device ? "/root" : "/");
	execve(program, argv, envp);
	exit(127);
}

static void start_shell(struct console *console)
{
	char *argv[] = { "/bin/sh", NULL };
	char *envp[] = { PATH, "HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/sh", "PS1=\\u@\\h:\\w\\$ ",
			 strncmp(console->device, "/dev/tty", 8) == 0 && console->device[8] <= '9' ? "TERM=linux"
												   : "TERM=xterm",
			 NULL };

	console->shell = start(argv[0], console->device, 0, argv, envp);
}

/* DHCP on a network interface that has a device behind it. */
static void start_dhcp(const char *interface)
{
	char path[ROOM];
	char *argv[] = { "udhcpc", "-f", "-R", "-i", (char *)interface, "-s", "/etc/udhcpc.sh", "-x", "hostname:quick", NULL };
	char *envp[] = { PATH, NULL };

	join(path, "/sys/class/net/", interface, "/device");
	if (exists(path) && exists("/etc/udhcpc.sh"))
		start(BUSYBOX, NULL, 10, argv, envp);
}

/* Gives a named virtio port its usual link; the guest agent starts when its port appears. */
static void add_port(const char *port)
{
	char path[ROOM], name[ROOM], device[ROOM];
	char *argv[] = { "/usr/sbin/qemu-ga", "-p", "/dev/virtio-ports/" AGENT_PORT, "-t", "/run", NULL };
	char *envp[] = { PATH, NULL };

	join(path, "/sys/class/virtio-ports/", port, "/name");
	if (*slurp(path, name, sizeof(name)) == 0)
		return;
	join(device, "../", port, "");
	join(path, "/dev/virtio-ports/", name, "");
	if (symlink(device, path) == 0 && strcmp(name, AGENT_PORT) == 0 && exists(argv[0]))
		start(argv[0], NULL, 10, argv, envp);
}

/* The ACPI power button is an input device called "Power Button"; QMP's system_powerdown presses it. */
static void add_input(const char *event)
{
	char path[ROOM], name[ROOM];

	join(path, "/sys/class/input/", event, "/device/name");
	if (strncmp(event, "event", 5) != 0 || strcmp(slurp(path, name, sizeof(name)), "Power Button") != 0)
		return;
	join(path, "/dev/input/", event, "");
	for (int i = BUTTONS; i < WATCHED; i++) {
		if (watched[i].fd < 0) {
			watched[i].fd = open(path, O_RDONLY);
			return;
		}
	}
}

static void each_entry(const char *folder, void (*add)(const char *))
{
	static char entries[4096] __attribute__((aligned(8)));
	int fd = open(folder, O_RDONLY | O_DIRECTORY);
	int size;

	while (fd >= 0 && (size = getdents64(fd, (void *)entries, sizeof(entries))) > 0) {
		for (int at = 0; at < size;) {
			struct linux_dirent64 *entry = (void *)(entries + at);

			if (entry->d_name[0] != '.')
				add(entry->d_name);
			at += entry->d_reclen;
		}
	}
	if (fd >= 0)
		close(fd);
}

/* A kernel event: "add@/devices/.../virtio-ports/vport0p1" and the like. */
static void device_event(void)
{
	char text[4096];
	ssize_t got = read(watched[DEVICES].fd, text, sizeof(text) - 1);
	char *name, *class;

	if (got <= 0)
		return;
	text[got] = 0;
	name = strrchr(text, '/');
	if (strncmp(text, "add@", 4) != 0 || name == NULL)
		return;
	*name++ = 0;
	class = strrchr(text, '/');
	if (class == NULL)
		return;
	if (strcmp(class, "/net") == 0)
		start_dhcp(name);
	else if (strcmp(class, "/virtio-ports") == 0)
		add_port(name);
	else if (strncmp(name, "event", 5) == 0)
		add_input(name);
}

static void link_up(const char *interface)
{
	struct interface_flags request = { .flags = 1 /* IFF_UP */ };
	int fd = my_syscall3(__NR_socket, 2 /* AF_INET */, 2 /* SOCK_DGRAM */, 0);

	strlcpy(request.name, interface, sizeof(request.name));
	ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
}

/* /sys/class/tty/console/active lists the kernel's consoles, as in "tty0 ttyS0"; tty0 stands for the first VT. */
static void open_consoles(void)
{
	char active[ROOM], *name = slurp("/sys/class/tty/console/active", active, sizeof(active));

	for (unsigned int i = 0; i < sizeof(consoles) / sizeof(*consoles) && *name; i++) {
		char *end = strchr(name, ' ');

		if (end)
			*end = 0;
		join(consoles[i].device, "/dev/", strcmp(name, "tty0") ? name : "tty1", "");
		start_shell(&consoles[i]);
		name = end ? end + 1 : "";
	}
}

/* The shell finds busybox's programs by itself; whoever else wants /bin/ls gets it a moment after the prompt. */
static void install_links(void)
{
	char *argv[] = { "busybox", "--install", "-s", NULL };
	char *envp[] = { PATH, NULL };

	start(BUSYBOX, NULL, 19, argv, envp);
}

static void announce(void)
{
	static struct utsname system;
	struct timespec up;

	uname(&system);
	my_syscall2(__NR_clock_gettime, 7 /* CLOCK_BOOTTIME */, &up);
	printf("QemuWeb %s VM ready: kernel %s, up %d.%d%d s\n", system.nodename, system.release, (int)up.tv_sec,
	       (int)(up.tv_nsec / 100000000), (int)(up.tv_nsec / 10000000 % 10));
}

/* Ends all processes, gives the disks what they are owed, and stops or restarts the machine. */
static void stop(int command)
{
	char *argv[] = { "umount", "-a", "-r", NULL };
	char *envp[] = { PATH, NULL };
	static const int ask[] = { SIGTERM, SIGHUP, SIGCONT };
	struct signalfd_siginfo ignored;

	for (int i = 0; i < 3; i++)
		kill(-1, ask[i]);
	while (waitpid(-1, NULL, WNOHANG) >= 0) {
		if (poll(watched, 1, 1000) <= 0)
			break;
		read(watched[SIGNALS].fd, &ignored, sizeof(ignored));
	}
	kill(-1, SIGKILL);
	my_syscall0(__NR_sync);
	waitpid(start(BUSYBOX, NULL, 0, argv, envp), NULL, 0);
	reboot(command);
}

static void signal_event(void)
{
	struct signalfd_siginfo signal;
	pid_t pid;

	if (read(watched[SIGNALS].fd, &signal, sizeof(signal)) != sizeof(signal))
		return;
	switch (signal.ssi_signo) {
	case SIGUSR1:
		stop(LINUX_REBOOT_CMD_HALT);
		break;
	case SIGUSR2:
	case SIGPWR:
		stop(LINUX_REBOOT_CMD_POWER_OFF);
		break;
	case SIGTERM:
	case SIGINT:
		stop(LINUX_REBOOT_CMD_RESTART);
		break;
	default:
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
			for (unsigned int i = 0; i < sizeof(consoles) / sizeof(*consoles); i++) {
				if (consoles[i].shell == pid)
					start_shell(&consoles[i]);
			}
		}
	}
}

static void button_event(struct pollfd *button)
{
	struct input_event event;

	if (read(button->fd, &event, sizeof(event)) != sizeof(event))
		button->fd = -1;
	else if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
		stop(LINUX_REBOOT_CMD_POWER_OFF);
}

static void watch(void)
{
	struct sockaddr_nl every = { .nl_family = 16 /* AF_NETLINK */, .nl_groups = 1 };
	__u64 set = signal_set();

	for (int i = 0; i < WATCHED; i++)
		watched[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	my_syscall4(__NR_rt_sigprocmask, SIG_SETMASK, &set, 0, sizeof(set));
	watched[SIGNALS].fd = my_syscall4(__NR_signalfd4, -1, &set, sizeof(set), O_CLOEXEC);
	watched[DEVICES].fd = my_syscall3(__NR_socket, every.nl_family, 2 | O_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	my_syscall3(__NR_bind, watched[DEVICES].fd, &every, sizeof(every));
}

int main(void)
{
	char name[ROOM];
	size_t length;

	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mkdir("/dev/pts", 0755);
	mkdir("/dev/virtio-ports", 0755);
	mount("pts", "/dev/pts", "devpts", 0, "gid=5,mode=620,ptmxmode=666");
	mount("run", "/run", "tmpfs", 0, "mode=755");
	mount("tmp", "/tmp", "tmpfs", 0, NULL);
	length = strlen(slurp("/etc/hostname", name, sizeof(name)));
	my_syscall2(__NR_sethostname, name, length); /* no calls in its arguments: it fills registers as it goes */
	reboot(LINUX_REBOOT_CMD_CAD_OFF);
	link_up("lo");

	watch();
	announce();
	open_consoles();

	each_entry("/sys/class/net", start_dhcp);
	each_entry("/sys/class/virtio-ports", add_port);
	each_entry("/sys/class/input", add_input);
	install_links();
	for (;;) {
		if (poll(watched, WATCHED, -1) <= 0)
			continue;
		if (watched[SIGNALS].revents)
			signal_event();
		if (watched[DEVICES].revents)
			device_event();
		for (int i = BUTTONS; i < WATCHED; i++) {
			if (watched[i].revents)
				button_event(&watched[i]);
		}
	}
}
