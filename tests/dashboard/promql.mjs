// Reads PromQL by Prometheus's own grammar.
//
// stdin:  ["sum by (code) (rate(nada_requests_total[5m]))", …]
// stdout: [{ "errors": [text that is not understood], "metrics": ["nada_requests_total"],
//           "labels": ["code"] of matchers and groupings }]
import { parser } from "@prometheus-io/lezer-promql";

let text = "";
for await (const chunk of process.stdin) text += chunk;

const read = (query) => {
  const found = { errors: [], metrics: [], labels: [] };
  parser.parse(query).iterate({
    enter({ type, name, from, to, node }) {
      const said = query.slice(from, to);
      if (type.isError) found.errors.push(`${said || "something is missing"} at ${from}`);
      if (name === "Identifier" && node.parent.name === "VectorSelector") found.metrics.push(said);
      if (name === "LabelName") found.labels.push(said);
    },
  });
  return found;
};

process.stdout.write(JSON.stringify(JSON.parse(text).map(read)));
