/** The server.properties of the development broker, as lines. */

/**
 * @param {{ directory: string, port: number, controllerPort: number }} options
 * @returns {string} the file's text
 */
export function serverProperties({ directory, port, controllerPort }) {
  return `${Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': `${directory.replaceAll('\\', '/')}/log`,
    ...developmentSettings,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** What the process and the container have in common. */
export const developmentSettings = {
  'auto.create.topics.enable': false, // a misspelt topic must fail here too
  'group.initial.rebalance.delay.ms': 0,
  // One replica is all there is; few partitions, for each costs files and start-up time.
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 1,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024, // the default of 128 MiB would fill the small heap
};
