// A phone's link in user space: IP packets go between two TUN devices in two network namespaces, each way with a rate, a
// delay, a queue that drops at its end, and loss.
//   link PHONE_NS EDGE_NS DOWN_KBIT UP_KBIT RTT_MS LOSS_PERCENT SEED
// "down" is to the phone; the devices are called "wire". Whole IP packets count. Ends on SIGTERM.
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKETS = 4096, LARGEST = 1500, QUEUE = 150000 };

struct packet {
    uint64_t due;
    int size;
    unsigned char bytes[LARGEST];
};

struct way {
    int from, to;
    double bits_per_ns, loss;
    uint64_t delay, free_at; // when the last bit in the queue will have left
    uint32_t first, next;
    struct packet packets[PACKETS];
};

static struct way down, up;
static volatile sig_atomic_t ended;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

// An open TUN device stays in the namespace it was opened in.
static int device_in(const char *namespace) {
    char path[128];
    snprintf(path, sizeof path, "/var/run/netns/%s", namespace);
    int ns = open(path, O_RDONLY);
    if (ns < 0 || setns(ns, CLONE_NEWNET)) err(1, "%s", path);
    close(ns);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "wire"};
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (tun < 0 || ioctl(tun, TUNSETIFF, &request)) err(1, "the device of %s", namespace);
    return tun;
}

static void accept_packets(struct way *way) {
    for (;;) {
        struct packet *packet = &way->packets[way->next % PACKETS];
        int size = read(way->from, packet->bytes, LARGEST);
        if (size <= 0) return;
        uint64_t time = now(), start = way->free_at > time ? way->free_at : time;
        double waiting = (start - time) * way->bits_per_ns / 8;
        if (way->loss > 0 && drand48() < way->loss) continue;
        if (waiting + size > QUEUE || way->next - way->first == PACKETS) continue;
        way->free_at = start + size * 8 / way->bits_per_ns;
        packet->due = way->free_at + way->delay;
        packet->size = size;
        way->next++;
    }
}

// Delivers what is due, and says when the next packet is.
static uint64_t deliver(struct way *way) {
    for (; way->first != way->next; way->first++) {
        struct packet *packet = &way->packets[way->first % PACKETS];
        if (packet->due > now()) return packet->due;
        if (write(way->to, packet->bytes, packet->size) < 0) continue; // as a full device drops
    }
    return UINT64_MAX;
}

static void end(int signal) {
    (void)signal;
    ended = 1;
}

int main(int n, char **arg) {
    if (n != 8) errx(2, "usage: link PHONE_NS EDGE_NS DOWN_KBIT UP_KBIT RTT_MS LOSS_PERCENT SEED");
    down.to = up.from = device_in(arg[1]);
    up.to = down.from = device_in(arg[2]);
    down.bits_per_ns = atof(arg[3]) / 1e6;
    up.bits_per_ns = atof(arg[4]) / 1e6;
    down.delay = up.delay = atof(arg[5]) / 2 * 1e6;
    down.loss = up.loss = atof(arg[6]) / 100;
    srand48(atol(arg[7]));
    // other programs must not add to the delay
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 10});
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
    struct pollfd files[] = {{.fd = down.from, .events = POLLIN}, {.fd = up.from, .events = POLLIN}};
    while (!ended) {
        uint64_t a = deliver(&down), b = deliver(&up), next = a < b ? a : b, time = now();
        uint64_t wait = next == UINT64_MAX ? 1000000000 : next > time ? next - time : 0;
        ppoll(files, 2, &(struct timespec){wait / 1000000000, wait % 1000000000}, NULL);
        accept_packets(&down);
        accept_packets(&up);
    }
}
