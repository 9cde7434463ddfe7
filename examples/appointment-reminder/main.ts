import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { openDatabase } from './activities';
import { startReminders, scheduleReminders } from './reminders';
import { startTracing } from './tracing';

async function main(): Promise<void> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  // Your own exporter belongs here, such as OTLP with a BatchSpanProcessor.
  const tracing = startTracing(new SimpleSpanProcessor(new ConsoleSpanExporter()));
  const db = openDatabase(process.env['DATABASE'] ?? 'appointments.db');
  const client = new Client({ connection, namespace });
  await scheduleReminders(client, { agentId: process.env['AGENT_ID'] ?? '' });
  const { running } = await startReminders(db, { temporal: { connection, namespace, ...tracing } });
  await running; // until SIGTERM or Ctrl-C
  await connection.close();
}

void main();
