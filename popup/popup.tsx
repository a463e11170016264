import "./popup.css";
import { useState } from "preact/hooks";
import type { EngineApi, VmAction, VmId, VmInfo } from "../src/engine/api.ts";
import { Button } from "../src/ui/button.tsx";
import { EmptyState } from "../src/ui/empty-state.tsx";
import type { EngineLink } from "../src/ui/engine-link.ts";
import { formatUptime } from "../src/ui/format.ts";
import type { IconName } from "../src/ui/icon.tsx";
import { launchQuickVm } from "../src/ui/quick-vm.ts";
import { useStore } from "../src/ui/store.ts";
import { ToastList } from "../src/ui/toast-list.tsx";
import { showError, type ToastStore } from "../src/ui/toasts.ts";
import { useNow } from "../src/ui/use-now.ts";
import { useSaidOnce } from "../src/ui/use-said-once.ts";
import { isAlive } from "../src/ui/vm-state.ts";
import { VmStateLabel } from "../src/ui/vm-state-label.tsx";

export interface PopupProps {
  link: EngineLink;
  toasts: ToastStore;
}

/** The toolbar popup: what runs, what could, and a quick VM in one click. */
export function Popup({ link, toasts }: PopupProps) {
  const state = useStore(link.store, (s) => s);
  const [running, setRunning] = useState<ReadonlySet<string>>(new Set());
  const now = useNow(state.vms.some((vm) => vm.startedAt !== undefined));

  const run = async (key: string, work: (engine: EngineApi) => Promise<unknown>) => {
    setRunning((before) => new Set(before).add(key));
    try {
      await work(link.engine());
    } catch (thrown) {
      showError(toasts, thrown);
    } finally {
      setRunning((before) => new Set([...before].filter((other) => other !== key)));
    }
  };
  useSaidOnce(toasts, state.vms.map(trouble));
  const offline = state.link === "ready" ? undefined : "The engine is not connected.";
  const sorted = [...state.vms].sort((a, b) => Number(isAlive(b.state)) - Number(isAlive(a.state)));

  return (
    <main class="popup" data-link={state.link}>
      <header class="popup-header">
        <h1>Virtual machines</h1>
        <Button
          kind="primary"
          icon="quick"
          label="Quick VM"
          title="Create the built-in Linux and start it"
          autofocus
          disabled={offline}
          busy={running.has("quick")}
          onClick={() => void run("quick", (engine) => launchQuickVm(engine))}
        />
      </header>
      {sorted.length > 0 ? (
        <ul class="popup-vms" aria-label="Virtual machines">
          {sorted.map((vm) => (
            <PopupVm key={vm.id} vm={vm} now={now} offline={offline} busy={running.has(vm.id)} onRun={run} />
          ))}
        </ul>
      ) : (
        <Nothing link={link} />
      )}
      <footer class="popup-footer">
        <span class="subtle">Also in DevTools, panel “VMs”</span>
        <Button label="Open in tab" icon="tab" kind="tool" onClick={() => openTab()} />
      </footer>
      <ToastList toasts={toasts} />
    </main>
  );
}

function Nothing({ link }: { link: EngineLink }) {
  const state = useStore(link.store, (s) => s);
  if (state.link === "lost") {
    return (
      <EmptyState heading="The engine can't be reached" text={state.problem?.hint ?? ""}>
        <Button label="Try again" onClick={() => link.retry()} />
      </EmptyState>
    );
  }
  if (state.link === "connecting") return <EmptyState heading="Connecting" text="The engine is being started." busy />;
  return <EmptyState heading="No virtual machines yet" text="A quick VM boots a small Linux to its shell." />;
}

interface RowProps {
  vm: VmInfo;
  now: number;
  offline: string | undefined;
  busy: boolean;
  onRun: (key: string, work: (engine: EngineApi) => Promise<unknown>) => Promise<void>;
}

function PopupVm({ vm, now, offline, busy, onRun }: RowProps) {
  const { name } = vm.profile;
  const { action, icon, label, title } = popupAction(vm);
  const uptime = isAlive(vm.state) && vm.startedAt !== undefined ? formatUptime(now - vm.startedAt) : undefined;
  return (
    <li class="popup-vm" data-vm-id={vm.id} data-state={vm.state}>
      <button type="button" class="popup-vm-open" title={`Open ${name} in a tab`} onClick={() => openTab(vm.id)}>
        <span class="popup-vm-name">{name}</span>
        <span class="popup-vm-line subtle" aria-live="polite" title={vm.reason?.message}>
          <VmStateLabel state={vm.state} />
          {uptime && <span aria-live="off">{uptime}</span>}
        </span>
        {trouble(vm) && (
          <span class="popup-vm-trouble tone-error" role="alert">
            {trouble(vm)}
          </span>
        )}
      </button>
      <Button kind="tool" icon="tab" iconOnly label={`Open ${name} in tab`} onClick={() => openTab(vm.id)} />
      <Button
        kind="tool"
        icon={icon}
        iconOnly
        label={`${label} ${name}`}
        {...(title && { title })}
        disabled={offline ?? vm.disabled[action]}
        busy={busy}
        onClick={() => void onRun(vm.id, (engine) => engine[`${action}Vm`](vm.id))}
      />
    </li>
  );
}

interface PopupAction {
  action: VmAction & ("start" | "shutdown" | "resume" | "stop");
  icon: IconName;
  label: string;
  title?: string;
}

/** The one thing that a user most likely wants of a VM. What loses data is offered only after asking the guest was in vain. */
function popupAction({ state, reason }: VmInfo): PopupAction {
  if (!isAlive(state)) return { action: "start", icon: "play", label: "Start" };
  if (state === "paused") return { action: "resume", icon: "play", label: "Resume" };
  const isStuck =
    state === "crashed" || state === "starting" || state === "restoring" || reason?.code === "not-reacting";
  if (isStuck) return { action: "stop", icon: "stop", label: "Force off", title: "Force off: like pulling the plug" };
  return { action: "shutdown", icon: "power", label: "Shut down" };
}

/** Why a VM needs attention, in one sentence. */
function trouble(vm: VmInfo): string | undefined {
  return vm.state === "off" ? undefined : vm.reason?.message;
}

/** The panel's page in a tab; with a VM, its console in front. */
function openTab(id?: VmId): void {
  const url = new URL("/panel/index.html", location.href);
  if (id !== undefined) url.searchParams.set("vm", id);
  window.open(url, "_blank", "noopener");
  window.close();
}
