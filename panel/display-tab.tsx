import "./display.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../src/ui/button.tsx";
import { GuestScreen } from "../src/ui/display/guest-screen.ts";
import { EmptyState } from "../src/ui/empty-state.tsx";
import { useStore } from "../src/ui/store.ts";
import { isAlive } from "../src/ui/vm-state.ts";
import { actOnVm, startQuickVm } from "./actions.ts";
import { exposeDisplay } from "./automation.ts";
import { usePanel, usePanelState, useVms } from "./context.ts";
import type { TabProps } from "./details.tsx";
import { DisplayTools } from "./display-tools.tsx";
import { operationKey } from "./state.ts";

/** The VM's screen, with its keyboard and pointer. */
export function DisplayTab({ vm }: TabProps) {
  const screen = useScreen(vm);
  if (vm.profile.display === "none") return <NoDisplay />;
  return screen ? <DisplayView vm={vm} screen={screen} /> : null;
}

function NoDisplay() {
  const panel = usePanel();
  const busy = usePanelState((state) => state.running.has("quick"));
  return (
    <EmptyState heading="No display" text="This VM has no graphics card: its console is in the Console tab.">
      <Button
        icon="quick"
        label="Quick VM with display"
        title="Create the built-in Linux with a screen and start it"
        busy={busy}
        onClick={() => void startQuickVm(panel, true)}
      />
    </EmptyState>
  );
}

/** A screen for as long as the tab shows this VM: while nobody looks, the guest's is not even read. */
function useScreen({ id, profile }: TabProps["vm"]): GuestScreen | undefined {
  const { link } = usePanel();
  const [screen, setScreen] = useState<GuestScreen>();
  useEffect(() => {
    if (profile.display === "none") return;
    const made = new GuestScreen(profile.name, async () => link.engine().openDisplay(id));
    const hide = exposeDisplay(id, made);
    setScreen(made);
    return () => {
      hide();
      made.dispose();
    };
  }, [id]);
  return screen;
}

interface ViewProps extends TabProps {
  screen: GuestScreen;
}

function DisplayView({ vm, screen }: ViewProps) {
  const panel = usePanel();
  const focus = usePanelState((state) => state.focusDetails);
  const ready = useVms((state) => state.link === "ready");
  const captured = useStore(screen.status, (state) => state.captured);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const leave = () => document.getElementById("details-tab-display")?.focus();
    if (place.current) return screen.attach(place.current, leave);
  }, [screen]);
  useLayoutEffect(() => {
    if (!focus) return;
    screen.focus();
    panel.state.dispatch({ focusDetails: false });
  }, [focus]);
  useEffect(() => {
    if (ready) screen.session.retry();
  }, [ready]);
  return (
    <section class="display" aria-label="Display" data-captured={captured}>
      <DisplayTools vm={vm} screen={screen} />
      <div class="display-screen" ref={place}>
        <NoScreen vm={vm} screen={screen} />
      </div>
    </section>
  );
}

/** What there is instead of a screen. */
function NoScreen({ vm, screen }: ViewProps) {
  const panel = usePanel();
  const shown = useStore(screen.session.status, (state) => state.size !== undefined);
  const link = useStore(screen.session.status, (state) => state.link);
  const problem = useStore(screen.session.status, (state) => state.problem);
  const starting = usePanelState((state) => state.running.has(operationKey("start", vm.id)));
  if (shown) return null;
  if (link === "lost") {
    const text = problem ? `${problem.message} ${problem.hint}` : "It is being opened again.";
    return (
      <EmptyState heading="The display was closed" text={text}>
        <Button label="Retry" onClick={() => screen.session.retry()} />
      </EmptyState>
    );
  }
  if (isAlive(vm.state)) return <EmptyState heading="No picture yet" text="The machine is being started." busy />;
  const name = vm.profile.name;
  return (
    <EmptyState
      heading={`${name} ${vm.state === "failed" ? "has failed" : "is off"}`}
      text="Start it to see its screen."
    >
      <Button
        kind="primary"
        icon="play"
        label="Start"
        disabled={vm.disabled.start}
        busy={starting}
        onClick={() => void actOnVm(panel, "start", vm.id)}
      />
    </EmptyState>
  );
}
