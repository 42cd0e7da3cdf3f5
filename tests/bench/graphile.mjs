// Jobs a second of graphile-worker, which isolates and records nothing: node graphile.mjs NODE_MODULES DATABASE JOBS AT_ONCE
import { createRequire } from "node:module";

const [modules, connectionString, jobs, atOnce] = process.argv.slice(2);
const { run, makeWorkerUtils, Logger } = createRequire(modules + "/")("graphile-worker");
const silent = new Logger(() => () => {});

const utils = await makeWorkerUtils({ connectionString, logger: silent });
await utils.migrate();
await utils.withPgClient((client) =>
  client.query("SELECT graphile_worker.add_job('nothing') FROM generate_series(1, $1::int)", [Number(jobs)]));
await utils.release();

let done = 0;
let tell;
const all = new Promise((resolve) => { tell = resolve; });
const begun = process.hrtime.bigint();
const runner = await run({
  connectionString, concurrency: Number(atOnce), pollInterval: 100, logger: silent, noHandleSignals: true,
  taskList: { nothing: async () => { if (++done === Number(jobs)) tell(); } },
});
await all;
console.log((Number(jobs) / (Number(process.hrtime.bigint() - begun) / 1e9)).toFixed(1));
await runner.stop();
process.exit(0);
