// The player in Chromium, against a stand-in for the edge that fails on demand.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BUNDLES, bundle } from "../build.mjs";
import { Edge } from "./browser/edge.mjs";
import { join } from "./browser/join.mjs";
import { RATE, scale, tone, track } from "./browser/media.mjs";
import { browser, open } from "./browser/page.mjs";

const LADDER = '["aac-24","aac-48","aac-96","aac-192"]';
const JOIN = 4 * RATE + 1311;
let chromium;
let songs;

before(async () => {
  await Promise.all(BUNDLES.map((one) => bundle(one)));
  songs = {
    song: () => track("song", scale(60)),
    one: () => track("one", tone(JOIN), { loudness: { integrated: -8, true_peak: -1 } }),
    two: () => track("two", tone(3 * RATE, JOIN)),
  };
  chromium = await browser();
});
after(() => chromium?.close());

/** A test with an edge that has these songs, and a fresh browser profile. */
function plays(name, ids, body) {
  test(name, { timeout: 40_000 }, async (t) => {
    const edge = await Edge.start(...ids.map((id) => songs[id]()));
    t.after(() => edge.stop());
    const context = await chromium.newContext();
    t.after(() => context.close());
    await context.addInitScript((ladder) => localStorage.setItem("nada.ladder", ladder), LADDER);
    const page = (settings, script) => open(context, edge, settings, script);
    await body({ edge, page, context });
  });
}

const media = (edge) => edge.log.filter(({ path }) => /m4s|start/.test(path));

const together = { concurrency: Number(process.env.PAGES ?? 5) };

describe("the player", together, () => {
  plays(
    "the start and track.json are all that is asked for before sound",
    ["song"],
    async ({ edge, page }) => {
      const at = await page();
      edge.rule = ({ path }) => (/m4s|init/.test(path) ? { silent: true } : undefined);
      await at.evaluate(async () => {
        player.play("song");
        await until(() => player.currentTime > 1);
      });
      const { version } = edge.tracks.get("song");
      assert.deepEqual(edge.paths().slice(0, 2), ["start/aac-24.mp4", "track.json"]);
      assert.ok(edge.paths().every((path) => !path.includes("multivariant")));
      assert.ok(
        edge
          .paths()
          .slice(2)
          .every((path) => path.startsWith(version)),
        edge.paths().join(),
      );
      const { metrics, states, tracks } = await at.evaluate(() => heard);
      assert.deepEqual(states, ["loading", "playing"]);
      assert.deepEqual(new Set(tracks), new Set(["song"]));
      const start = metrics.find(({ name }) => name === "start");
      assert.deepEqual([start.rendition, start.from], ["aac-24", "network"]);
      assert.deepEqual(at.faults, []);
    },
  );

  plays("a start that the page asked for itself is taken", ["song"], async ({ edge, page }) => {
    const at = await page();
    edge.link = { latency: 0.3, rate: 20_000 };
    const found = await at.evaluate(async () => {
      const url = `${location.origin}/~early/t/song/multivariant.m3u8`;
      const start = {
        rendition: "aac-24",
        at: performance.now(),
        answer: fetch(url.replace("multivariant.m3u8", "start/aac-24.mp4")),
      };
      await new Promise((done) => setTimeout(done, 500));
      player.play({ track: "song", url, expires_in: 3600, start });
      const segment = () => heard.metrics.find(({ name }) => name === "segment");
      await until(() => player.currentTime > 1 && segment());
      return segment().rate;
    });
    const starts = edge.paths().filter((path) => path === "start/aac-24.mp4");
    assert.equal(starts.length, 1);
    assert.ok(found < 160_000, `${found} bit/s: what was waiting tells of no fast network`);
    edge.rule = ({ path, token }) => (token === "late" && /^start/.test(path) ? { lost: true } : undefined);
    await at.evaluate(async () => {
      const url = `${location.origin}/~late/t/song/multivariant.m3u8`;
      const start = {
        rendition: "aac-24",
        at: performance.now(),
        answer: fetch(url.replace("multivariant.m3u8", "start/aac-24.mp4")),
      };
      await start.answer.catch(() => {});
      player.play({ track: "song", url: url.replace("late", "good"), expires_in: 3600, start });
      await until(() => player.currentTime > 1 && player.currentTime < 3);
    });
    assert.deepEqual(await at.evaluate(() => heard.errors), []);
  });

  plays("a start sounds before its last byte is here", ["song"], async ({ edge, page }) => {
    const at = await page();
    edge.link = { latency: 0, rate: 4500 }; // 11 kB in 2.5 s
    const { sounded, whole } = await at.evaluate(async () => {
      const begun = performance.now();
      player.play("song");
      await until(() => player.currentTime > 0.05);
      const sounded = performance.now() - begun;
      await until(() => heard.metrics.some(({ name }) => name === "segment"));
      return { sounded, whole: performance.now() - begun };
    });
    // played as a whole it would sound at the end
    assert.ok(sounded < 0.65 * whole, `${sounded} of ${whole} ms`);
  });

  plays("seeking loads what is there, and nothing between", ["song"], async ({ edge, page }) => {
    const at = await page({ buffer: 6 });
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 0.5 && player.audio.buffered.end(0) > 5);
      player.seek(40);
      await until(() => player.currentTime > 41);
      player.seek(2);
      await until(() => player.currentTime > 2.2 && player.currentTime < 4);
    });
    const asked = media(edge).map(({ path }) => Number(/(\d+)\.m4s/.exec(path)?.[1] ?? 1));
    assert.ok(asked.includes(14), asked.join());
    assert.ok(!asked.some((segment) => segment > 6 && segment < 14), asked.join());
    const again = asked.slice(asked.indexOf(14)).filter((segment) => segment < 3);
    assert.deepEqual(again, [], "what is in the buffer is not loaded again");
  });

  plays("the buffer is bounded: what is skipped was not paid for", ["song"], async ({ edge, page }) => {
    const at = await page();
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 2.5);
    });
    const segments = media(edge).length;
    assert.ok(segments >= 5 && segments <= 8, `${segments} segments of 3 s`);
  });

  plays("a token that dies is renewed, and nothing of it is heard", ["song"], async ({ edge, page }) => {
    const at = await page({ buffer: 4 });
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 0.3);
    });
    edge.dead.add("token1");
    await at.evaluate(() => until(() => player.currentTime > 7, 15));
    assert.equal(edge.signs, 2);
    const { states, errors, metrics } = await at.evaluate(() => heard);
    assert.deepEqual([states, errors], [["loading", "playing"], []]);
    assert.ok(!metrics.some(({ name }) => name === "stall"));
  });

  plays("before a token ends the next is asked for, in time", ["song"], async ({ edge, page }) => {
    const at = await page({ life: 30 });
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 1);
    });
    assert.ok(edge.signs >= 2, `${edge.signs}`);
    assert.ok(!edge.log.some(({ status }) => status === 403));
  });

  for (const [status, code] of [
    [410, "withdrawn"],
    [451, "territory"],
    [403, "not_yet"],
  ])
    plays(`${code} is said, once, and not tried again`, ["song"], async ({ edge, page }) => {
      const at = await page();
      edge.rule = () => ({ status, code });
      await at.evaluate(async () => {
        player.play("song");
        await until(() => player.state === "error");
        await new Promise((done) => setTimeout(done, 600));
      });
      const { errors } = await at.evaluate(() => heard);
      assert.deepEqual(errors, [{ id: "song", code }]);
      assert.equal(edge.log.length, 2);
    });

  plays("a rendition above the token's ceiling is left for a lower one", ["song"], async ({ edge, page }) => {
    const at = await page();
    edge.rule = ({ path }) =>
      /aac-(96|192)/.test(path) ? { status: 403, code: "rendition_not_allowed" } : undefined;
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 4);
    });
    assert.deepEqual(await at.evaluate(() => heard.errors), []);
    assert.ok(media(edge).some(({ path, status }) => path.includes("aac-48") && status === 200));
    const refused = media(edge).filter(({ status }) => status === 403);
    assert.ok(refused.length <= 2, "each is asked for once");
  });

  plays("an origin that is away for a moment is waited for", ["song"], async ({ edge, page }) => {
    const at = await page();
    let times = 0;
    edge.rule = ({ path }) =>
      /start/.test(path) && times++ < 2
        ? { status: 503, code: "origin_unavailable", headers: { "retry-after": "1" } }
        : undefined;
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 0.2);
    });
    assert.equal(times, 3);
  });

  plays("connections that break and stand still lose nothing", ["song"], async ({ edge, page }) => {
    const at = await page({ buffer: 6 });
    const broken = new Set();
    edge.rule = ({ path }) => {
      const segment = /(0000[234])\.m4s/.exec(path)?.[1];
      if (!segment || broken.has(segment)) return undefined;
      broken.add(segment);
      return segment === "00003" ? { lost: true } : { cut: 5000 };
    };
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 10, 20);
    });
    assert.equal(broken.size, 3);
    const { errors } = await at.evaluate(() => heard);
    assert.deepEqual(errors, []);
  });

  plays(
    "without a connection it waits, and goes on where it was",
    ["song"],
    async ({ edge, page, context }) => {
      const at = await page({ buffer: 4 });
      await at.evaluate(async () => {
        player.play("song");
        await until(() => player.currentTime > 0.3);
      });
      await context.setOffline(true);
      await at.evaluate(() => until(() => player.state === "loading", 20));
      const stopped = await at.evaluate(() => player.currentTime);
      await new Promise((done) => setTimeout(done, 1500));
      assert.deepEqual(await at.evaluate(() => heard.errors), []);
      await context.setOffline(false);
      await at.evaluate((time) => until(() => player.currentTime > time + 1), stopped);
      const { metrics } = await at.evaluate(() => heard);
      assert.equal(metrics.filter(({ name }) => name === "stall").length, 1);
      assert.ok(edge.log.length > 0);
    },
  );

  plays("a track that may not be heard is passed over", ["song", "one", "two"], async ({ edge, page }) => {
    edge.rule = ({ track: id }) => (id === "song" ? { status: 410, code: "withdrawn" } : undefined);
    const at = await page();
    await at.evaluate(async () => {
      player.queue = ["one", "song", "two"];
      player.play("one");
      await until(() => player.duration > 3);
      player.seek(3.5);
      await until(() => player.id === "two");
    });
    const { skips, errors } = await at.evaluate(() => heard);
    assert.deepEqual([skips, errors], [[{ id: "song", code: "withdrawn" }], []]);
  });

  plays(
    "a queue that changes while its next track is joined is obeyed",
    ["one", "two", "song"],
    async ({ page }) => {
      const at = await page();
      await at.evaluate(async () => {
        player.queue = ["one", "two"];
        player.play("one");
        await until(() => player.audio.buffered.length && player.audio.buffered.end(0) > 6);
        player.queue = ["one", "song"];
        await until(() => player.audio.buffered.end(0) > 8);
        player.seek(3.7);
        await until(() => player.id === "song" && player.currentTime > 0.3);
        player.previous();
        await until(() => player.id === "one" && player.currentTime > 0.1);
        player.next();
        await until(() => player.id === "song" && player.currentTime > 0.1);
      });
      assert.deepEqual(await at.evaluate(() => heard.errors), []);
    },
  );

  plays("a track that is joined already is there at once", ["one", "two"], async ({ edge, page }) => {
    const at = await page();
    await at.evaluate(async () => {
      player.queue = ["one", "two"];
      player.play("one");
      await until(() => player.audio.buffered.length && player.audio.buffered.end(0) > 6.9);
    });
    edge.rule = () => ({ silent: true });
    await at.evaluate(async () => {
      player.next();
      await until(() => player.id === "two" && player.currentTime > 0.2 && player.currentTime < 2, 3);
    });
  });

  plays("songs are as loud as each other, at the volume that was set", ["one"], async ({ page }) => {
    const at = await page();
    const volumes = await at.evaluate(async () => {
      player.volume = 0.5;
      player.play("one");
      await until(() => player.track);
      const found = [player.audio.volume];
      player.normalise = null;
      found.push(player.audio.volume, player.volume);
      player.rate = 1.5;
      player.play("one");
      await until(() => player.currentTime > 0.2);
      return [...found, player.audio.playbackRate];
    });
    assert.ok(Math.abs(volumes[0] - 0.5 * 10 ** (-6 / 20)) < 1e-6, volumes.join());
    assert.deepEqual(volumes.slice(1), [0.5, 0.5, 1.5]);
  });

  plays("the lock screen is told", ["one"], async ({ page }) => {
    const at = await page();
    const told = await at.evaluate(async () => {
      player.play("one");
      // track.json may come after the first sound
      await until(() => player.state === "playing" && navigator.mediaSession.metadata);
      await until(() => navigator.mediaSession.playbackState === "playing");
      const { metadata, playbackState } = navigator.mediaSession;
      return [metadata.title, metadata.artist, metadata.album, playbackState];
    });
    assert.deepEqual(told, ["one", "Nada", "Tests", "playing"]);
  });

  plays("what was prefetched sounds without the network", ["song", "one"], async ({ edge, page }) => {
    const at = await page();
    await at.evaluate(() => player.prefetch(["song", "one"]));
    assert.deepEqual(edge.paths().sort(), ["start/aac-24.mp4", "start/aac-24.mp4"]);
    edge.link = { latency: 3, rate: 1e6 };
    const taps = await at.evaluate(async () => {
      const taps = [];
      for (const id of ["song", "one"]) {
        const begun = performance.now();
        player.play(id);
        await new Promise((done) => player.audio.addEventListener("playing", done, { once: true }));
        taps.push(performance.now() - begun);
      }
      return taps;
    });
    assert.ok(Math.min(...taps) < 150, `${taps} ms`);
    const { metrics } = await at.evaluate(() => heard);
    assert.equal(metrics.find(({ name }) => name === "start").from, "memory");
    await at.evaluate(() => until(() => player.currentTime > 4, 15));
  });

  plays("a second play costs nothing, and asks whether it may", ["song"], async ({ edge, page }) => {
    const first = await page({ cache: 50e6, buffer: 200 });
    await first.evaluate(async () => {
      player.play("song");
      await until(
        () => player.duration > 50 && player.audio.buffered.length && player.audio.buffered.end(0) > 14,
      );
      for (const to of [12, 24, 36, 48, 59]) {
        player.seek(to);
        await until(() => player.currentTime > to + 0.1);
        await until(
          () =>
            player.state === "ended" ||
            player.audio.buffered.end(player.audio.buffered.length - 1) > Math.min(to + 12, 59.9),
        );
      }
      await new Promise((done) => setTimeout(done, 300));
    });
    await first.close();
    edge.log = [];
    const second = await page({ cache: 50e6, buffer: 200 });
    await second.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 1);
      player.seek(50);
      await until(() => player.currentTime > 51);
    });
    assert.deepEqual(
      edge.log.map(({ path, status, bytes }) => [path, status, bytes]),
      [["track.json", 304, 0]],
    );
    const { metrics } = await second.evaluate(() => heard);
    assert.equal(metrics.find(({ name }) => name === "start").from, "cache");
    await second.close();
    edge.log = [];
    edge.rule = () => ({ status: 410, code: "withdrawn" });
    const third = await page({ cache: 50e6 });
    const left = await third.evaluate(async () => {
      player.play("song");
      await until(() => player.state === "error");
      return [heard.errors, player.currentTime, (await (await caches.open("nada")).keys()).length];
    });
    assert.deepEqual(
      left,
      [[{ id: "song", code: "withdrawn" }], 0, 0],
      "withdrawn: unheard, and gone from the device",
    );
  });

  plays("a song published anew is begun anew, in one version", ["song"], async ({ edge, page }) => {
    const at = await page();
    await at.evaluate(() => player.prefetch(["song"]));
    const old = edge.tracks.get("song");
    const anew = { ...old, version: "f".repeat(32), about: { ...old.about, versions: ["f".repeat(32)] } };
    edge.tracks.set("song", anew);
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 4);
    });
    assert.ok(
      edge
        .paths()
        .some(
          (path) => path === `${"f".repeat(32)}/start/aac-24.mp4` || path.includes(`${"f".repeat(32)}/aac`),
        ),
    );
    assert.deepEqual(await at.evaluate(() => heard.errors), []);
  });

  plays("from another origin it needs no more", ["song"], async ({ edge, page }) => {
    const at = await page({ edge: `http://localhost:${edge.port}` });
    await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 3.5);
    });
    assert.deepEqual(await at.evaluate(() => heard.errors), []);
  });

  plays("a managed media source is fed when it is hungry", ["song"], async ({ page }) => {
    const at = await page({}, () => {
      const Plain = globalThis.MediaSource;
      globalThis.ManagedMediaSource = class extends Plain {
        streaming = true;
      };
      delete globalThis.MediaSource;
    });
    const found = await at.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 1);
      return [player.engine, player.audio.disableRemotePlayback, typeof MediaSource];
    });
    assert.deepEqual(found, ["mse", true, "undefined"]);
  });

  plays(
    "without Media Source one rendition plays as a file, through a token's end",
    ["song"],
    async ({ edge, page }) => {
      const at = await page({}, () => {
        delete globalThis.MediaSource;
        const can = HTMLMediaElement.prototype.canPlayType;
        HTMLMediaElement.prototype.canPlayType = function (type) {
          return type.includes("mpegurl") ? "" : can.call(this, type);
        };
      });
      const found = await at.evaluate(async () => {
        player.play("song");
        await until(() => player.track && player.currentTime > 1);
        return [player.engine, player.rendition, player.mediaTime - 1000 * player.currentTime];
      });
      assert.deepEqual(found.slice(0, 2), ["file", "aac-24"]);
      assert.ok(Math.abs(found[2] - (1000 * 2048) / RATE) < 1);
      // the browser loads by itself, under the token that it was given: an ended one is found out
      edge.dead.add("old");
      await at.evaluate(async () => {
        const url = `${location.origin}/~old/t/song/multivariant.m3u8`;
        player.play({ track: "song", url, expires_in: 3600 });
        await until(() => player.state === "playing" && player.currentTime < 1);
      });
      const found2 = edge.log.some(
        ({ token, path, status }) => token === "token2" && path === "aac-24.mp4" && status < 300,
      );
      assert.ok(found2, JSON.stringify(edge.log.map(({ token, path, status }) => [token, path, status])));
    },
  );

  plays("the browser's own HLS is told what is the most", ["song"], async ({ edge, page }) => {
    const at = await page({}, () => {
      delete globalThis.MediaSource;
    });
    const engine = await at.evaluate(async () => {
      player.only = "aac-48";
      player.play("song");
      await until(() => player.track && player.currentTime > 1, 20);
      return player.engine;
    });
    assert.equal(engine, "hls");
    const asked = edge.log.filter(({ path }) => path === "multivariant.m3u8").map(({ query }) => query);
    assert.deepEqual([...new Set(asked)], ["?max=48"]);
  });

  plays(
    "an edge that does not take what the app signs is told to the listener",
    ["song"],
    async ({ edge, page }) => {
      edge.rule = () => ({ status: 403, code: "token_invalid" });
      const at = await page();
      await at.evaluate(async () => {
        player.play("song");
        await until(() => player.state === "error");
      });
      assert.equal((await at.evaluate(() => heard.errors))[0].code, "token_invalid");
      assert.ok(edge.signs <= 3, `${edge.signs}`);
      edge.rule = () => undefined;
      await at.evaluate(async () => {
        player.play();
        await until(() => player.currentTime > 0.2);
      });
    },
  );
});

// alone, for it listens to every sample
plays("two tracks join to the sample", ["one", "two"], async ({ page }) => {
  const { page: at, shift, step, level } = await join(() => page({ normalise: null }), JOIN);
  assert.ok(Math.abs(shift) < 0.1, `${shift} samples of shift`);
  assert.ok(step < 0.25 * level, `a step of ${step} in a tone of ${level}`);
  const said = await at.evaluate(() => [[...new Set(heard.tracks)], heard.errors, player.duration]);
  assert.deepEqual(said, [["one", "two"], [], 3]);
});
