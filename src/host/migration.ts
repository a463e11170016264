import { type Deferred, deferred } from "../core/deferred.ts";
import { QemuWebError } from "../core/errors.ts";
import type { QmpClient, QmpEvent } from "../qemu/qmp/client.ts";

/** QEMU's transport to and from the browser (qemu-wasm/web/migration.c). */
const URI = "web:";

/** Bytes a second: no limit, for nothing is shared with others. */
const BANDWIDTH = 2 ** 40;

/** Rounds over memory that a guest which goes on writing is given; then it is stopped, and the rest goes. */
const ROUNDS = 4;

/** QEMU's migration (docs/devel/migration of QEMU), by which a VM's state is saved and restored: one at a time. */
export class Migration {
  readonly #qmp: QmpClient;
  #end: Deferred<void> | undefined;

  constructor(qmp: QmpClient) {
    this.#qmp = qmp;
  }

  /** To be told every event of the session. */
  heard(event: QmpEvent): void {
    if (event.event === "MIGRATION_PASS" && event.data.pass === ROUNDS) {
      this.#qmp.execute("stop").catch(() => undefined);
    }
    if (event.event !== "MIGRATION") return;
    if (event.data.status === "completed") this.#end?.resolve();
    if (event.data.status === "failed" || event.data.status === "cancelled") void this.#failed();
  }

  /**
   * Begins to save: memory while the guest runs, then the rest while it doesn't. The VM stays stopped. Where QEMU refuses to do that
   * while the guest runs, as it does with disks in the formats of others, all is saved while it doesn't.
   */
  async save(): Promise<void> {
    await this.#prepare();
    await this.#mode("normal");
    if ((await this.#qmp.execute("query-migrate"))["blocked-reasons"]) await this.#mode("cpr-reboot");
    await this.#qmp.execute("migrate", { uri: URI });
  }

  /** Begins to restore, in a QEMU that was started with `-incoming defer`. */
  async restore(): Promise<void> {
    await this.#prepare();
    await this.#qmp.execute("migrate-incoming", { uri: URI, "exit-on-error": false });
  }

  /** Resolves when what was begun is complete. Throws `state-failed`. */
  async complete(): Promise<void> {
    await this.#end?.promise;
  }

  async #prepare(): Promise<void> {
    const end = deferred<void>();
    end.promise.catch(() => undefined); // until somebody asks
    this.#qmp.over.addEventListener("abort", () => end.reject(this.#qmp.over.reason));
    this.#end = end;
    await this.#qmp.execute("migrate-set-capabilities", { capabilities: [{ capability: "events", state: true }] });
    await this.#qmp.execute("migrate-set-parameters", { "max-bandwidth": BANDWIDTH });
  }

  async #mode(mode: "normal" | "cpr-reboot"): Promise<void> {
    await this.#qmp.execute("migrate-set-parameters", { mode });
  }

  async #failed(): Promise<void> {
    const why = await this.#qmp.execute("query-migrate").then(
      (info) => info["error-desc"],
      () => undefined,
    );
    this.#end?.reject(
      new QemuWebError(
        "state-failed",
        `QEMU gave the VM's state up${why ? `: ${why.replace(/\.$/, "")}` : ""}.`,
        "Look at the Log tab for what it said.",
      ),
    );
  }
}
