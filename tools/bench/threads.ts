/** CPU time of the threads of a process, from /proc (proc(5)): Linux only. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second: sysconf(_SC_CLK_TCK). */
const ticks = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

export interface ThreadTime {
  tid: number;
  name: string;
  /** User and system time so far, seconds. */
  seconds: number;
}

export function threadTimes(pid: number): ThreadTime[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    try {
      return [parse(Number(tid), readFileSync(`/proc/${pid}/task/${tid}/stat`, "utf8"))];
    } catch {
      return []; // the thread ended meanwhile
    }
  });
}

/** The name is in parentheses and may hold any character; utime and stime are fields 14 and 15. */
function parse(tid: number, stat: string): ThreadTime {
  const end = stat.lastIndexOf(")");
  const fields = stat.slice(end + 2).split(" ");
  const seconds = (Number(fields[11]) + Number(fields[12])) / ticks;
  return { tid, name: stat.slice(stat.indexOf("(") + 1, end), seconds };
}
