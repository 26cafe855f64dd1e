/** `npm run dashboards`: writes every dashboard where Grafana is provisioned from. The files are committed, and never edited. */
import { writeFileSync } from 'node:fs';
import { files } from './files.ts';

for (const [name, text] of files) writeFileSync(new URL(`../dashboards/${name}`, import.meta.url), text);
