const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const two = (n: number) => String(n).padStart(2, "0");

/** A duration in ms as `0:07`, `12:34`, `1:02:03` or `3d 04:05`: what fits a column and still moves. */
export function formatUptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days}d ${two(hours % 24)}:${two(minutes % 60)}`;
  if (hours > 0) return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${minutes}:${two(seconds % 60)}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes with a binary unit, three significant digits at most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit]}`;
}

export function formatMemory(mebibytes: number): string {
  return formatBytes(mebibytes * 1024 * 1024);
}

/** A duration of a start phase: `840 ms`, `3.2 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(ms / 1000)} s`;
}

/** A time left, so coarse that it doesn't jump: `8 s`, `3 min`, `2 h`. */
export function formatTimeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

interface Progress {
  done: number;
  total?: number | undefined;
  rate?: number | undefined;
}

/** How far long work is: `512 MiB of 2 GiB, 180 MiB/s, 8 s left`, and less where less is known. Sizes in bytes. */
export function formatProgress({ done, total, rate }: Progress): string {
  const parts = [total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`];
  if (rate !== undefined && rate > 0) {
    parts.push(`${formatBytes(rate)}/s`);
    if (total !== undefined && total > done) parts.push(`${formatTimeLeft(((total - done) / rate) * 1000)} left`);
  }
  return parts.join(", ");
}

/** The time of day to the millisecond, for log lines. */
export function formatClock(time: number): string {
  return clock.format(time);
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const hour = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** A moment in as few characters as tell it: the time of day, or another day's date. */
export function formatShortMoment(time: number, now = Date.now()): string {
  return new Date(time).toDateString() === new Date(now).toDateString() ? hour.format(time) : day.format(time);
}

export function formatMoment(time: number): string {
  return moment.format(time);
}

/** `1 VM`, `2 VMs`. */
export function formatCount(count: number, one: string, many: string): string {
  return `${new Intl.NumberFormat().format(count)} ${count === 1 ? one : many}`;
}
