// Writes src/language/registry.rs from what npm carries of the registries:
//
//   npm install language-subtag-registry@0.4.2 iso-639-3@3.0.1 cldr-core@48.2.0
//   node registry.mjs > src/language/registry.rs
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const require = createRequire(process.cwd() + "/");
const load = (path) => require(`./node_modules/${path}`);
const registry = load("language-subtag-registry/data/json/registry.json");
const date = load("language-subtag-registry/data/json/meta.json")["File-Date"];
const cldr = load("cldr-core/package.json").version;
const aliases = load("cldr-core/supplemental/aliases.json").supplemental.metadata.alias.languageAlias;
const levels = load("cldr-core/coverageLevels.json").effectiveCoverageLevels;
const locales = load("cldr-core/availableLocales.json").availableLocales.full;
const { iso6393 } = await import(pathToFileURL(process.cwd() + "/node_modules/iso-639-3/index.js"));

const of = (type) => registry.filter((entry) => entry.Type === type);
const plain = (type) =>
  of(type)
    .map((entry) => entry.Subtag)
    .filter((subtag) => !subtag.includes(".."));
const byPrefix = new Map();
for (const code of plain("language").filter((code) => code.length === 3)) {
  const prefix = code.slice(0, 2);
  byPrefix.set(prefix, (byPrefix.get(prefix) ?? "") + code[2]);
}
const pairs = (entries) => entries.map(([from, to]) => `${from}:${to}`);
const preferred = (...types) =>
  types
    .flatMap(of)
    .filter((entry) => entry["Preferred-Value"])
    .map((entry) => [(entry.Subtag ?? entry.Tag).toLowerCase(), entry["Preferred-Value"]]);
const shorter = new Map();
for (const { iso6391, iso6393: three, iso6392B: b, iso6392T: t } of iso6393) {
  for (const code of [three, b, t]) if (iso6391 && code) shorter.set(code, iso6391);
}
// ISO 639-2's codes for collections, and those it had before.
for (const [code, { _replacement: to, _reason: why }] of Object.entries(aliases)) {
  const gone = !registry.some((entry) => entry.Type === "language" && entry.Subtag === code);
  if (code.length === 3 && to.length === 2 && gone && why !== "macrolanguage" && !shorter.has(code))
    shorter.set(code, to);
}
shorter.set("bih", "bh"); // ISO 639-2; CLDR has it for Bhojpuri
const within = Object.entries(aliases)
  .filter(([, alias]) => alias._reason === "macrolanguage")
  .map(([code, alias]) => [code, alias._replacement])
  .filter(([code]) => code.length === 3);
const spoken = [...Object.keys(levels), ...locales]
  .map((tag) => tag.split("-")[0])
  .filter((code) => code.length === 3);

const tables = [
  ["TWO_LETTERS", "Languages of two letters.", plain("language").filter((code) => code.length === 2)],
  ["THREE_LETTERS", "Languages of three letters: the first two, and every third.", pairs([...byPrefix])],
  ["SCRIPTS", "Scripts (ISO 15924).", plain("script")],
  ["REGIONS", "Regions (ISO 3166-1, UN M.49).", plain("region")],
  ["VARIANTS", "Variants.", plain("variant")],
  [
    "EXTENDED",
    "Extended language subtags, and the language each stands behind.",
    pairs(of("extlang").map((entry) => [entry.Subtag, entry.Prefix[0]])),
  ],
  [
    "WHOLE",
    "Grandfathered and redundant tags, and what is preferred.",
    pairs(preferred("grandfathered", "redundant")),
  ],
  ["LANGUAGES", "Languages, and what is preferred.", pairs(preferred("language"))],
  ["SUBTAGS", "Regions and variants, and what is preferred.", pairs(preferred("region", "variant"))],
  ["SHORTER", "Codes of ISO 639-2 and 639-3, and the two letters of ISO 639-1.", pairs([...shorter].sort())],
  ["WITHIN", "Languages, and the one whose most spoken part they are (CLDR).", pairs(within.sort())],
  [
    "WRITTEN",
    "Languages, and the script they are nearly always in (Suppress-Script).",
    pairs(
      of("language")
        .filter((entry) => entry["Suppress-Script"])
        .map((entry) => [entry.Subtag, entry["Suppress-Script"]]),
    ),
  ],
  ["LOCALES", "Languages of three letters that CLDR has a locale of.", [...new Set(spoken)].sort()],
];
const wrapped = (words) => {
  const lines = [""];
  for (const word of words) {
    if (lines.at(-1).length + word.length > 104) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines.map((line) => `    ${line}`).join(" \\\n");
};
console.log(
  `//! The IANA Language Subtag Registry of ${date}, with ISO 639 and Unicode CLDR ${cldr}. Written by \`registry.mjs\`.\n`,
);
console.log("// Each table is words between spaces; a pair is a word with a colon.\n");
console.log(
  tables
    .map(([name, doc, words]) => `/// ${doc}\npub(super) const ${name}: &str = "\\\n${wrapped(words)}";`)
    .join("\n\n"),
);
