/** By which the AudioWorklet's processor is known. */
export const SPEAKER = "guest-speaker";
