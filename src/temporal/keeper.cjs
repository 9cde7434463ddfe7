// Runs one command and ends it when the process that started this one is gone: its end of the pipe to
// our standard input closes then, whatever killed it, where a signal would never reach us.
const { spawn } = require('node:child_process');

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
process.stdout.write(`${child.pid}\n`);
child.on('error', () => process.exit(127));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
process.stdin.resume();
process.stdin.on('end', () => child.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'));
