/** Links of phones: kbit/s down and up, round trip in milliseconds, loss in percent each way. */
export const links = {
  "2G": { down: 280, up: 256, rtt: 800, loss: 0 },
  EDGE: { down: 240, up: 200, rtt: 840, loss: 0 },
  "3G": { down: 1600, up: 768, rtt: 300, loss: 0 },
  "3G-loss": { down: 1600, up: 768, rtt: 300, loss: 2 },
  "4G": { down: 9000, up: 9000, rtt: 170, loss: 0 },
  LTE: { down: 12_000, up: 12_000, rtt: 70, loss: 0 },
};
