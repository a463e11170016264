import { type Fields, refuse } from "./fields.ts";
import { PROFILE_VERSION } from "./profile.ts";

/** One step per old version: takes a profile of version N, gives one of N + 1. Fixtures of old versions stay forever. */
const STEPS: Record<number, (old: Fields) => Fields> = {
  // Version 2 gave disks ids; the changes of version 1's were kept by their place.
  1: (old) => ({
    ...old,
    ...(Array.isArray(old.disks) && { disks: old.disks.map((disk, n) => ({ ...disk, id: `disk${n}` })) }),
  }),
};

/** A profile of any version that ever was, as the current one; one without a version is taken as current. */
export function migrateProfile(fields: Fields): Fields {
  let version = fields.version ?? PROFILE_VERSION;
  let migrated = fields;
  while (typeof version === "number" && STEPS[version]) {
    migrated = STEPS[version]?.(migrated) ?? migrated;
    version++;
  }
  if (version === PROFILE_VERSION) return { ...migrated, version };
  return refuse(
    "version",
    `is ${JSON.stringify(version)}`,
    `This QemuWeb knows versions up to ${PROFILE_VERSION}: update the extension.`,
  );
}
