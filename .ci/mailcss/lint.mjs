// node lint.mjs FOLDER: every HTML file of the folder against caniemail's data. Exit status 0 (fine), 1 (faults), 2 (could not run).
import fs from 'node:fs';
import path from 'node:path';
import { doIUseEmail } from '@jsx-email/doiuse-email';
import { allowed, pairs, programs } from './allowed.mjs';

const folder = process.argv[2];
const names = folder && fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith('.html')).sort() : [];
if (names.length === 0) {
  console.error(`mailcss: no HTML in ${folder ?? '(no folder given)'}`);
  process.exit(2);
}

const faults = new Set();
const lacking = new Map(); // feature → the programs that do not support it
const seen = new Map(); // feature → the first message that uses it
for (const name of names) {
  const found = doIUseEmail(fs.readFileSync(path.join(folder, name), 'utf8'), { emailClients: programs });
  for (const line of found.errors ?? []) {
    const match = line.match(/^`(.+)` is not supported by `(.+)`$/);
    if (!match) {
      faults.add(`${name}: ${line}`);
      continue;
    }
    const [, feature, program] = match;
    if (!lacking.has(feature)) lacking.set(feature, new Set());
    lacking.get(feature).add(program);
    if (!seen.has(feature)) seen.set(feature, name);
  }
}

for (const [feature, where] of lacking) {
  const entry = allowed.find((one) => one.feature === feature);
  const rest = [...where].filter((program) => !entry?.programs.includes(program)).sort();
  if (rest.length > 0) faults.add(`${feature} (first in ${seen.get(feature)}) is not supported by ${rest.join(', ')}`);
}
for (const entry of allowed) {
  const needless = entry.programs.filter((program) => !lacking.get(entry.feature)?.has(program));
  if (needless.length > 0) faults.add(`allowed.mjs: ${entry.feature} need not be allowed for ${needless.join(', ')}`);
  if (!entry.reason) faults.add(`allowed.mjs: ${entry.feature} has no reason`);
}
for (const [one, other] of pairs) {
  const neither = [...(lacking.get(one) ?? [])].filter((program) => lacking.get(other)?.has(program));
  if (neither.length > 0) faults.add(`neither ${one} nor ${other} is supported by ${neither.join(', ')}`);
}

for (const fault of faults) console.log(fault);
console.log(`mailcss: ${names.length} messages, ${lacking.size} features allowed or not, ${faults.size} faults`);
process.exit(faults.size > 0 ? 1 : 0);
