/** `npm run lab VERB`: looks which Node this is, before anything is loaded that only the right one can run. */
const needed = 24;
const cannotStart = 78;

const [major = '0'] = process.versions.node.split('.');
if (Number(major) < needed) {
  process.stderr.write(`Lockstep runs on Node ${needed}, and this is ${process.versions.node}. It brings its own: npm ci, then npm run lab ...\n`);
  process.exitCode = cannotStart;
} else {
  // Whoever reads the output may stop reading: `lab up | head` is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const { runLab } = await import('./program.ts');
  const code = await runLab(process.argv.slice(2), { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) });
  if (code !== undefined) process.exitCode = code;
}
