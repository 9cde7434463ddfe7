import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A simple load balancer for several bridges. Connections to a killed bridge fail. */
export async function openDoor() {
  const ports: number[] = [];
  let next = 0;
  const server = createServer((socket) => {
    next += 1;
    const port = ports[next % Math.max(1, ports.length)];
    if (port === undefined) return socket.destroy();
    const bridge = connect(port, '127.0.0.1');
    bridge.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('error', () => bridge.destroy()).on('close', () => bridge.destroy());
    socket.pipe(bridge).pipe(socket);
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    add: (bridge: number) => void ports.push(bridge),
    remove: (bridge: number) => {
      const place = ports.indexOf(bridge);
      if (place >= 0) ports.splice(place, 1);
    },
    close: () => void server.close(),
  };
}
