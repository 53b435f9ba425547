// The sound of a call that rings, made here: two tones for one that comes in, one long tone for one that goes out.

const IN = [[0, 0.4, 440, 480], [0.6, 1, 440, 480]];
const OUT = [[0, 1, 425, 425]]; // the ringing tone of most of the world (ITU-T E.180)
const [EVERY_IN, EVERY_OUT] = [3000, 5000];
const SHAKE = [400, 200, 400];

export class Ring {
  constructor(outgoing) {
    this.outgoing = outgoing;
    this.turn = 0;
  }

  play(on) {
    if (on === Boolean(this.turn)) return;
    clearInterval(this.turn);
    this.turn = 0;
    if (!on) {
      navigator.vibrate?.(0);
      this.sound?.close().catch(() => undefined);
      this.sound = null;
      return;
    }
    this.turn = setInterval(() => this.once(), this.outgoing ? EVERY_OUT : EVERY_IN);
    this.once();
  }

  once() {
    try {
      this.sound ??= new AudioContext();
      const now = this.sound.currentTime;
      for (const [from, until, ...tones] of this.outgoing ? OUT : IN) {
        const volume = new GainNode(this.sound, { gain: this.outgoing ? 0.03 : 0.08 });
        volume.connect(this.sound.destination);
        for (const frequency of new Set(tones)) {
          const tone = new OscillatorNode(this.sound, { frequency });
          tone.connect(volume);
          tone.start(now + from);
          tone.stop(now + until);
        }
      }
    } catch {
      // A page that nobody has touched yet may make no sound: it is seen.
    }
    if (!this.outgoing) navigator.vibrate?.(SHAKE);
  }
}
